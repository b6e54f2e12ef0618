/** Pools of connections, as everything here opens them. */
import pg from 'pg'

import { DatabaseClient } from './client.ts'
import type { PoolOptions } from './transaction.ts'

/**
 * Runs share most of their statements, and an attempt never waits for a second connection while it has one; intake, heartbeats and
 * supervision need a few. docs/deploy/many-machines.md calculates with this.
 */
export function poolSizeFor(workerConcurrency: number): number {
  return Math.min(40, 6 + Math.ceil(workerConcurrency / 7))
}

/**
 * Every statement of the service is a look-up by key, and its plan is cached. A plan made while a table was small would scan the
 * whole table until somebody analyses it, however large it has grown meanwhile.
 */
const alwaysByIndex = '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off'
/**
 * Otherwise a statement with array parameters is planned again each time: a plan for one row looks cheaper than the generic one,
 * and planning takes as long as running it.
 */
const plannedOnce = '-c plan_cache_mode=force_generic_plan'

const planning = `${alwaysByIndex} ${plannedOnce}`

/** `options` of the URL would replace ours: they are appended, and win in a conflict. */
function withPlanning(url: string): string {
  const given = URL.parse(url)
  const options = given?.searchParams.get('options')
  if (given === null || !options) return url
  given.searchParams.set('options', `${planning} ${options}`)
  return given.href
}

export interface OpenPoolOptions {
  /** An idle connection broke. */
  readonly onLost?: (error: Error) => void
  /** A pooler reassigns connections between transactions: nothing is prepared or set for longer. Default false. */
  readonly pooled?: boolean | undefined
}

/** https://node-postgres.com/apis/pool */
export function openPool(
  url: string,
  max: number,
  { onLost = () => {}, pooled = false }: OpenPoolOptions = {},
): pg.Pool {
  const options: PoolOptions = {
    prepare: !pooled,
    // Statements of a transaction that do not need each other's results are sent together.
    pipeline: true,
    // https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-CONNECT-OPTIONS
    ...(pooled ? { connectionString: url } : { connectionString: withPlanning(url), options: planning }),
    Client: DatabaseClient,
    max,
    application_name: 'pinpoint-webhooks',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    // For a host that vanished silently: the operating system would notice only after two hours.
    keepAliveInitialDelayMillis: 10_000,
    types: { getTypeParser },
  }
  const pool = new pg.Pool(options)
  // `end` does not wait for a connection's last messages: a server that stops just then would end the process too.
  pool.on('connect', (client) => client.on('error', () => {}))
  // Without a listener, a broken idle connection would end the process. The next query gets a new connection.
  return pool.on('error', onLost)
}

/** The driver's defaults except for two: counts are numbers, and no time zone shifts a date without a time. */
const getTypeParser: typeof pg.types.getTypeParser = (oid, format) => {
  if (format === 'binary') return pg.types.getTypeParser(oid, format) as unknown
  if (oid === pg.types.builtins.INT8) return wholeNumber
  if (oid === pg.types.builtins.DATE) return (text: string) => text
  return pg.types.getTypeParser(oid, format) as unknown
}

/** A number if it is exact, as all of our counts and sequences are; else the driver's text. */
function wholeNumber(text: string): number | string {
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : text
}
