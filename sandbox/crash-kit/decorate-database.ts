/** The database, wrapped: a commit can be stopped before it is sent, and an answer can be lost after it was given. */
import type pg from 'pg'

import type { Database } from '../../src/embedded-postgres/database.ts'
import { at, currentPassages, type Reach, uncommitted } from './reach.ts'
import { replacing } from './replacing.ts'

/** `opened` is told of each connection's process in the server, so that it can be killed. */
export function decorateDatabase(
  database: Database,
  { reach, opened }: { readonly reach: Reach; readonly opened: (pid: number) => void },
): Database {
  database.pool.on('connect', (client) => {
    if ('processID' in client && typeof client.processID === 'number') opened(client.processID)
  })
  return { ...database, pool: decoratePool(database.pool, reach) }
}

function decoratePool(pool: pg.Pool, reach: Reach): pg.Pool {
  return replacing(pool, {
    query: async (...given: unknown[]) => {
      const statement = () => call(pool, 'query', given)
      return isRead(given[0]) ? statement() : answered(reach, statement)
    },
    connect: async () => decorateClient(await pool.connect(), reach),
  })
}

/** Within a transaction only the commit counts: whatever dies earlier leaves nothing. */
function decorateClient(client: pg.PoolClient, reach: Reach): pg.PoolClient {
  return replacing(client, {
    query: async (...given: unknown[]) => {
      if (!isCommit(given[0])) return call(client, 'query', given)
      for (const passage of currentPassages()) {
        const open = uncommitted(passage)
        if (open !== undefined) await reach(open)
      }
      return answered(reach, () => call(client, 'query', given))
    },
  })
}

function isCommit(statement: unknown): boolean {
  return textOf(statement) === 'commit'
}

/** Nothing is committed whose answer could be lost. */
function isRead(statement: unknown): boolean {
  const text = textOf(statement)
  return /^\s*select\b/.test(text) && !text.includes('store_events(')
}

/** As text, or as the driver's object for a statement with options. */
function textOf(statement: unknown): string {
  const text: unknown =
    typeof statement === 'object' && statement !== null ? Reflect.get(statement, 'text') : statement
  return typeof text === 'string' ? text : ''
}

async function answered(reach: Reach, statement: () => unknown): Promise<unknown> {
  const answer = await statement()
  for (const passage of currentPassages()) await reach(at(passage, 'after', 'statement'))
  return answer
}

function call(target: object, name: string, given: readonly unknown[]): unknown {
  const method: unknown = Reflect.get(target, name)
  return typeof method === 'function' ? Reflect.apply(method, target, given) : undefined
}
