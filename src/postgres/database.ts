/** The database as the rest of the house gets it: one pool, on the PostgreSQL of DATABASE_URL or on our own. */
import pg from 'pg'

import type { Config } from '../config/environment.ts'
import { type Embedded, startEmbedded } from '../embedded-postgres/embedded.ts'
import { type Log, safeError } from '../observe/log.ts'
import { DatabaseClient } from './client.ts'
import type { PoolOptions } from './transaction.ts'

export interface Database {
  readonly pool: pg.Pool
  /** Where a connection stays one session: past a pooler, to listen. */
  readonly directUrl: string
  /** Undefined when the database is somebody else's. */
  readonly embedded: Embedded | undefined
  /** Waits for connections that are lent, then closes all; the last user of an embedded server stops it. */
  close(): Promise<void>
}

export interface DatabaseOptions {
  /** Unset: an embedded PostgreSQL in `dataDir`. */
  readonly databaseUrl?: string | undefined
  /** Unset: the same. */
  readonly databaseDirectUrl?: string | undefined
  /** A pooler hands connections on between transactions. Default false. */
  readonly databasePooled?: boolean
  readonly dataDir: string
  readonly log: Log
  /** Connections at most. Default 10. */
  readonly poolSize?: number
}

/**
 * Every run in flight may hold a connection for a moment; intake, heartbeats and supervision need some of their own.
 * docs/deploy/many-machines.md counts with this.
 */
export function poolSizeFor(workerConcurrency: number): number {
  return Math.min(40, 6 + Math.ceil(workerConcurrency / 2))
}

/** The part of the configuration that says which database. */
export function databaseOf({ databaseUrl, databaseDirectUrl, databasePooled, dataDir }: Config) {
  return { databaseUrl, databaseDirectUrl, databasePooled, dataDir }
}

/** Starts or joins the embedded server where there is no URL. Connects to a given URL only when it is first used. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { databaseUrl, databaseDirectUrl, databasePooled, dataDir, log, poolSize = 10 } = options
  const embedded = databaseUrl === undefined ? await startEmbedded({ dataDir, log }) : undefined
  const url = databaseUrl ?? embedded?.url ?? ''
  let closed: Promise<void> | undefined
  const onLost = (error: Error) => {
    // The pool does not wait for its connections' ends: a server that stops meanwhile cuts them, and nobody misses them.
    if (closed === undefined) log.warn(safeError(error), 'an idle database connection was lost')
  }
  const pool = openPool(url, poolSize, { onLost, pooled: databasePooled })
  const close = async () => {
    await pool.end()
    await embedded?.release()
  }
  return {
    pool,
    directUrl: databaseDirectUrl ?? url,
    embedded,
    close: () => (closed ??= close()),
  }
}

/**
 * Every statement of the service is a look-up by key, and its plan is kept: made while a table was small it would read the
 * whole of it for as long as nobody analyses it, however large it has grown meanwhile.
 */
const alwaysByIndex = 'set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off'
/**
 * A statement that is given arrays is planned anew each time otherwise: one for a single row looks cheaper than one for any number,
 * and planning takes as long as running it.
 */
const plannedOnce = 'set plan_cache_mode = force_generic_plan'

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
    connectionString: url,
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
  pool.on('connect', (client) => {
    client.on('error', () => {})
    // Goes out before the first statement. Where it fails, so does what follows, and tells of it.
    if (!pooled) client.query(`${alwaysByIndex}; ${plannedOnce}`).catch(() => {})
  })
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
