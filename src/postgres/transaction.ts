/** Statements and transactions on the pool; distinguishes a database that is away from a wrong statement. */
import { createHash } from 'node:crypto'

import pg from 'pg'

import { type Clock, systemClock } from '../base/clock.ts'
import { RetryLater } from '../base/failure.ts'
import { type TlsFault, tlsFaultOf } from './tls-fault.ts'

/** What runs statements: a pool, or the connection of a transaction. */
export interface Queryable {
  /**
   * In a transaction, statements that are started before the last one was answered are sent together and run in that order:
   * one round trip for all of them. When one fails, those behind it do nothing.
   */
  query<Row extends pg.QueryResultRow>(
    text: string,
    values?: readonly unknown[],
  ): Promise<pg.QueryResult<Row>>
}

/** A `Queryable` with a commit. */
export interface Transaction extends Queryable {
  /** Sent together with the commit, after everything else; when it fails nothing is committed. */
  last(text: string, values?: readonly unknown[]): void
}

/** Options of a pool beside those of the driver. */
export interface PoolOptions extends pg.PoolConfig {
  /** Statements are prepared: the server must keep them for as long as the connection. */
  readonly prepare: boolean
}

/**
 * SQLSTATEs that say "not now": connection trouble, shutting down or starting, out of connections or room,
 * serialization, and read-only, which is what a primary becomes while another one takes over.
 */
const briefly = /^(08|57P0|53|40|25006)/

/** Conditions that may need somebody's attention. https://www.postgresql.org/docs/18/errcodes-appendix.html */
const conditions: Readonly<Record<string, readonly [code: string, message: string]>> = {
  // PgBouncer reports this for a start-up parameter, among others.
  '08P01': [
    'store.database_pooler',
    'A pooler refuses the connection: where DATABASE_URL leads through one, set DATABASE_DIRECT_URL or DATABASE_POOLED.',
  ],
  '25006': ['store.database_read_only', 'The database takes no writes: it is read-only.'],
  '53100': ['store.database_full', 'The database has no room left on its disk.'],
  '53300': ['store.database_connections', 'The database has no connection left: max_connections is reached.'],
}
/** What a running service may suddenly meet: it stays, reports it, and tries again. At the start it is a refusal. */
const tlsConditions: Readonly<Record<TlsFault, readonly [code: string, message: string]>> = {
  untrusted: ['store.database_untrusted', 'The certificate of the database is not trusted.'],
  expired: ['store.database_untrusted', 'The certificate of the database has expired, or is not valid yet.'],
  other_host: ['store.database_untrusted', 'The certificate of the database is for another host.'],
  not_offered: [
    'store.database_without_tls',
    'The database server offers no TLS, which DATABASE_URL asks for.',
  ],
}
const unreachable = ['store.database_away', 'The database cannot be reached at the moment.'] as const

/** The database could not be reached, is restarting, or takes no writes: the same statement may succeed later. */
export class DatabaseAway extends RetryLater {
  constructor(cause: unknown) {
    const tls = tlsFaultOf(cause)
    const condition = tls === undefined ? conditions[sqlStateOf(cause) ?? ''] : tlsConditions[tls.fault]
    const [code, message] = condition ?? unreachable
    super(code, message, {
      kind: 'database',
      cause,
      ...(tls !== undefined && { details: { error: tls.code } }),
    })
  }
}

/** This process has closed the pool and is ending: unlike a database that is away, it does not come back. */
export class PoolClosed extends Error {
  override readonly name = 'PoolClosed'

  constructor() {
    super('The connections to the database are closed, as this process ends.')
  }
}

function refuseClosed(pool: pg.Pool | pg.PoolClient): void {
  if ('ending' in pool && pool.ending) throw new PoolClosed()
}

function sqlStateOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined
}

/** A server that hangs keeps the connection open and does not answer: after this time it counts as away. */
const statementMilliseconds = 10_000

export interface StatementOptions {
  /** Milliseconds that a statement may take; `none` for migrations, which may take hours. Default 10,000. */
  readonly atMost?: number | 'none' | undefined
  /** False: for SQL texts of which there are many. Default: as the pool does. */
  readonly prepare?: boolean | undefined
}

/** https://node-postgres.com/apis/client: the types have this option for a connection only, the driver accepts it here too. */
interface TimedStatement extends pg.QueryConfig {
  readonly query_timeout?: number
}

/** The pool as a `Queryable` whose connection failures are `DatabaseAway`. */
export function queryable(on: pg.Pool | pg.PoolClient, options: StatementOptions = {}): Queryable {
  const { prepare = 'options' in on && prepares(on) } = options
  return statementsOn(on, { ...options, prepare })
}

function statementsOn(
  on: pg.Pool | pg.PoolClient,
  { atMost = statementMilliseconds, prepare }: StatementOptions & { readonly prepare: boolean },
): Queryable {
  const limit = atMost === 'none' ? {} : { query_timeout: atMost }
  return {
    query: async <Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]) => {
      refuseClosed(on)
      const given = values === undefined ? {} : { values: [...values] }
      // Without values, a text may contain several statements, which cannot be prepared.
      const name = prepare && values !== undefined && values.length > 0 ? nameOf(text) : undefined
      const statement: TimedStatement = { text, ...(name !== undefined && { name }), ...given, ...limit }
      return away(on.query<Row>(statement))
    },
  }
}

/**
 * The server parses a named statement once for each connection, and keeps its plan, which is most of the cost of a small
 * statement. One name stands for one text: a connection refuses a second text of a name.
 * https://node-postgres.com/features/queries#prepared-statements
 */
function nameOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

function prepares({ options }: { readonly options: Partial<PoolOptions> }): boolean {
  return options.prepare ?? false
}

/** An error without a SQLSTATE is about the connection; an answer of the server has one. */
export async function away<T>(statement: Promise<T>): Promise<T> {
  try {
    return await statement
  } catch (error) {
    const sqlState = sqlStateOf(error)
    if (sqlState !== undefined && !briefly.test(sqlState)) throw error
    throw new DatabaseAway(error)
  }
}

/**
 * A process that is paused or frozen between two statements keeps its connection, and with it all of its locks: the
 * server ends such a transaction.
 */
const beginSql = `begin; set local idle_in_transaction_session_timeout = ${statementMilliseconds}`

export async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: Transaction) => Promise<T>,
  { atMost }: StatementOptions = {},
): Promise<T> {
  return onConnection(pool, async (client) => {
    const statements = statementsOn(client, { atMost, prepare: prepares(pool) })
    const last: (readonly [text: string, values: readonly unknown[] | undefined])[] = []
    await statements.query(atMost === 'none' ? 'begin' : beginSql)
    const result = await work({ ...statements, last: (text, values) => void last.push([text, values]) })
    // If one of these statements fails, the commit behind it rolls back.
    const ending = last.map(([text, values]) => statements.query(text, values))
    await Promise.all([...ending, statements.query('commit')])
    return result
  })
}

/** Rolls back a failed transaction, and does not return a connection to the pool that may be broken. */
async function onConnection<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  refuseClosed(pool)
  const client = await away(pool.connect())
  // A borrowed connection that is lost emits an event; the statement under way rejects as well.
  const lost = () => {}
  client.on('error', lost)
  let broken = false
  try {
    return await work(client)
  } catch (error) {
    broken = isDoubtful(error) || !(await rolledBack(client))
    throw error
  } finally {
    client.off('error', lost)
    client.release(broken)
  }
}

/** A connection that is lost, hangs, or leads to a server without writes is closed instead of reused. */
function isDoubtful(error: unknown): boolean {
  return error instanceof DatabaseAway && !(sqlStateOf(error.cause) ?? '').startsWith('40')
}

async function rolledBack(client: pg.PoolClient): Promise<boolean> {
  try {
    await statementsOn(client, { prepare: false }).query('rollback')
    return true
  } catch {
    return false
  }
}

/** Repeats `work`, which must be safe to repeat, while the database is away; at most for a minute. */
export type DatabaseRetry = <T>(work: () => Promise<T>) => Promise<T>

export function createDatabaseRetry(onAway: () => Promise<void>, clock: Clock = systemClock): DatabaseRetry {
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
