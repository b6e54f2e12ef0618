/** Pools of connections, as everything here opens them. */
import pg from 'pg'

import { DatabaseClient } from './client.ts'
import type { PoolOptions } from './transaction.ts'

/**
 * Every run in flight may hold a connection for a moment; intake, heartbeats and supervision need some of their own.
 * docs/deploy/many-machines.md counts with this.
 */
export function poolSizeFor(workerConcurrency: number): number {
  return Math.min(40, 6 + Math.ceil(workerConcurrency / 2))
}

/**
 * Every statement of the service is a look-up by key, and its plan is kept: made while a table was small it would read the
 * whole of it for as long as nobody analyses it, however large it has grown meanwhile.
 */
const alwaysByIndex = '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off'
/**
 * A statement that is given arrays is planned anew each time otherwise: one for a single row looks cheaper than one for any number,
 * and planning takes as long as running it.
 */
const plannedOnce = '-c plan_cache_mode=force_generic_plan'

const planning = `${alwaysByIndex} ${plannedOnce}`

/** `options` of the URL would take the place of ours: they go together, and count where they say otherwise. */
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
  /** A pooler hands connections on between transactions: nothing is prepared or set for longer. Default false. */
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
    // Statements of a transaction that do not need each other's answers go out together.
    pipeline: true,
    // https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-CONNECT-OPTIONS
    ...(pooled ? { connectionString: url } : { connectionString: withPlanning(url), options: planning }),
    Client: DatabaseClient,
    max,
    application_name: 'pinpoint-webhooks',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    // A host that vanished without a word: the system would ask after it only after two hours.
    keepAliveInitialDelayMillis: 10_000,
    types: { getTypeParser },
  }
  const pool = new pg.Pool(options)
  // `end` does not wait for the last words of a connection: a server that stops just then would end the process too.
  pool.on('connect', (client) => client.on('error', () => {}))
  // Without a listener an idle connection that breaks would end the process. The next query gets a new one.
  return pool.on('error', onLost)
}

/** The driver's defaults but for two: counts are numbers, and a date without a time is not moved by a time zone. */
const getTypeParser: typeof pg.types.getTypeParser = (oid, format) => {
  if (format === 'binary') return pg.types.getTypeParser(oid, format) as unknown
  if (oid === pg.types.builtins.INT8) return wholeNumber
  if (oid === pg.types.builtins.DATE) return (text: string) => text
  return pg.types.getTypeParser(oid, format) as unknown
}

/** A number where it is exact, which every count and sequence of ours is; else the text that the driver gives. */
function wholeNumber(text: string): number | string {
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : text
}
