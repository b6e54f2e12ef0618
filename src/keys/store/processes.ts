/** The processes that report that they are alive. */
import type pg from 'pg'

import { type Queryable, queryable } from '../../postgres/transaction.ts'
import type { LiveProcess, ProcessStore } from '../ports.ts'
import { keyInUse } from './installation-keys.ts'

export function createProcessStore(pool: pg.Pool): ProcessStore {
  const client = queryable(pool)
  return {
    async note({ name, role, keys }, seconds) {
      await client.query(
        `with gone as (delete from processes where alive_until < now() - interval '1 day')
         insert into processes (name, role, keys, alive_until) values ($1, $2, $3, now() + make_interval(secs => $4))
         on conflict (name) do update set keys = excluded.keys, alive_until = excluded.alive_until`,
        [name, role, keys, seconds],
      )
    },
    async remove(name) {
      await client.query('delete from processes where name = $1', [name])
    },
    live: () => liveProcesses(client),
  }
}

export async function liveProcesses(client: Queryable): Promise<readonly LiveProcess[]> {
  const { rows } = await client.query<LiveProcess>(
    'select name, role, keys from processes where alive_until > now() order by name',
  )
  return rows
}

/** Processes that cannot decrypt what is stored: a rotation left them behind, and they refuse webhooks. */
export async function processesWithoutKey(
  client: Queryable,
): Promise<{ readonly key: string; readonly processes: readonly LiveProcess[] } | undefined> {
  const key = await keyInUse(client)
  if (key === undefined) return undefined
  const processes = (await liveProcesses(client)).filter(({ keys }) => !keys.includes(key))
  return processes.length === 0 ? undefined : { key, processes }
}
