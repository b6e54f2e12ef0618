/** Statements and transactions on the pool; a database that is away is told apart from a statement that is wrong. */
import pg from 'pg'

import { type Clock, systemClock } from '../base/clock.ts'
import { RetryLater } from '../base/failure.ts'

/** What runs statements: a pool, or the connection of a transaction. */
export interface Queryable {
  query<Row extends pg.QueryResultRow>(
    text: string,
    values?: readonly unknown[],
  ): Promise<pg.QueryResult<Row>>
}

/** SQLSTATE classes that say "not now": connection trouble, shutting down or starting, out of connections, serialization. */
const briefly = /^(08|57P0|53|40)/

/** The database could not be reached, or is restarting: the same statement may succeed later. */
export class DatabaseAway extends RetryLater {
  constructor(cause: unknown) {
    super('store.database_away', 'The database cannot be reached at the moment.', { cause })
  }
}

/** The pool as a `Queryable` whose connection failures are `DatabaseAway`. */
export function queryable(pool: pg.Pool | pg.PoolClient): Queryable {
  return {
    query: async <Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]) =>
      away(pool.query<Row>(text, values === undefined ? undefined : [...values])),
  }
}

/** What the driver throws without an answer of the server is about the connection; an answer carries a SQLSTATE. */
async function away<T>(statement: Promise<T>): Promise<T> {
  try {
    return await statement
  } catch (error) {
    if (error instanceof pg.DatabaseError && !briefly.test(error.code ?? '')) throw error
    throw new DatabaseAway(error)
  }
}

export async function inTransaction<T>(pool: pg.Pool, work: (client: Queryable) => Promise<T>): Promise<T> {
  const client = await away(pool.connect())
  // A connection that is lost while it is lent tells so by an event; the statement under way rejects as well.
  const lost = () => {}
  client.on('error', lost)
  let broken = false
  try {
    const statements = queryable(client)
    await statements.query('begin')
    const result = await work(statements)
    await statements.query('commit')
    return result
  } catch (error) {
    // A connection that cannot even roll back is thrown away instead of being lent to the next one.
    await client.query('rollback').catch(() => {
      broken = true
    })
    throw error
  } finally {
    client.off('error', lost)
    client.release(broken)
  }
}

/** Repeats `work`, which must be safe to repeat, while the database is away; at most for a minute. */
export type Again = <T>(work: () => Promise<T>) => Promise<T>

export function createAgain(onAway: () => Promise<void>, clock: Clock = systemClock): Again {
  return async (work) => {
    const giveUpAt = clock.now().getTime() + 60_000
    for (let delay = 50; ; delay = Math.min(delay * 2, 1000)) {
      try {
        return await work()
      } catch (error) {
        if (!(error instanceof DatabaseAway) || clock.now().getTime() > giveUpAt) throw error
        await onAway()
        await clock.sleep(delay)
      }
    }
  }
}
