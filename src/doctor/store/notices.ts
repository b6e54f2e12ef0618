/** What somebody should know of although webhooks are stored: told by the doctor, and by `/readyz` as notices. Reads only. */
import type pg from 'pg'

import { freeBytes } from '../../embedded-postgres/disk-space.ts'
import type { Database } from '../../postgres/database.ts'
import { queryable } from '../../postgres/transaction.ts'
import type { CheckItem } from '../../sdk/check.ts'

export async function noticesOf({
  pool,
  embedded,
}: Pick<Database, 'pool' | 'embedded'>): Promise<readonly CheckItem[]> {
  const work = await workThatWaits(pool)
  return embedded === undefined ? work : [...work, await diskSpace(embedded.home)]
}

interface Waiting {
  readonly arrivals: number
  readonly paused: number
  readonly failing: number
}

async function workThatWaits(pool: pg.Pool): Promise<readonly CheckItem[]> {
  const client = queryable(pool)
  const tables = await client.query<{ there: boolean }>(`select to_regclass('arrivals') is not null as there`)
  if (tables.rows[0]?.there !== true) return []
  const { rows } = await client.query<Waiting>(
    `select (select count(*) from arrivals join events on events.id = arrivals.event_id
        where received_at < now() - interval '1 minute') as arrivals,
      (select count(*) from connections where paused_at is not null and enabled) as paused,
      (select count(*) from circuits) as failing`,
  )
  const { arrivals = 0, paused = 0, failing = 0 } = rows[0] ?? {}
  return [
    {
      ok: arrivals === 0,
      what: 'Arrivals',
      because:
        arrivals === 0
          ? 'The runs of what was acknowledged have begun.'
          : `${arrivals} events were acknowledged more than a minute ago and their runs have not begun. Start a service; if one runs, its log says why.`,
    },
    {
      ok: paused === 0,
      what: 'Connections',
      because:
        paused === 0
          ? 'None is paused.'
          : `${paused} are paused until somebody mends what \`connections list\` says.`,
    },
    {
      ok: failing === 0,
      what: 'Destinations',
      because:
        failing === 0
          ? 'None keeps failing.'
          : `${failing} keep failing and are left alone but for probes; their runs wait. \`connections show\` says why.`,
    },
  ]
}

async function diskSpace(home: string): Promise<CheckItem> {
  const gigabytes = (await freeBytes(home)) / 1e9
  const ok = gigabytes >= 1
  const because = `${gigabytes.toFixed(1)} GB are free for the embedded PostgreSQL${ok ? '.' : ': make room before it stops.'}`
  return { ok, what: 'Disk', because }
}

/** Their secrets were sealed with another key, or their address was changed beside these. Nobody else is held up by it. */
export function lockedTenants(slugs: readonly string[]): CheckItem {
  const shown = `${slugs.slice(0, 5).join(', ')}${slugs.length > 5 ? ', …' : ''}`
  return {
    ok: slugs.length === 0,
    what: 'Tenants',
    because:
      slugs.length === 0
        ? 'The secrets of all of them open.'
        : `The secrets of ${slugs.length} do not open (${shown}): their webhooks are answered 503. Apply their file again, or bring back the key that sealed them.`,
  }
}
