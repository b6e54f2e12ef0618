/** Opens the database: one pool, on the PostgreSQL of DATABASE_URL or on the embedded one. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'

import type pg from 'pg'

import type { Config } from '../config/environment.ts'
import { type Log, safeError } from '../observe/log.ts'
import { openPool } from '../postgres/database.ts'
import { type Embedded, startEmbedded } from './embedded.ts'
import { ifThere } from './if-there.ts'

export interface Database {
  readonly pool: pg.Pool
  /** A URL without the pooler, for sessions that listen. */
  readonly directUrl: string
  /** Undefined when DATABASE_URL is set. */
  readonly embedded: Embedded | undefined
  /** Waits for connections in use, then closes all; the last process of an embedded server stops it. */
  close(): Promise<void>
}

export interface DatabaseOptions {
  /** Unset: an embedded PostgreSQL in `dataDir`. */
  readonly databaseUrl?: string | undefined
  /** Unset: the same. */
  readonly databaseDirectUrl?: string | undefined
  /** True if a pooler reassigns connections between transactions. Default false. */
  readonly databasePooled?: boolean
  readonly dataDir: string
  readonly log: Log
  /** Maximum number of connections. Default 10. */
  readonly poolSize?: number
}

/** The part of the configuration that selects the database. */
export function databaseOf({ databaseUrl, databaseDirectUrl, databasePooled, dataDir }: Config) {
  return { databaseUrl, databaseDirectUrl, databasePooled, dataDir }
}

/** Whether a service has run on this folder. */
export async function hasDatabase(dataDir: string): Promise<boolean> {
  return (await ifThere(stat(join(dataDir, 'postgres/data/PG_VERSION')))) !== undefined
}

/** Starts or joins the embedded server where there is no URL. Connects to a given URL only when it is first used. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { databaseUrl, databaseDirectUrl, databasePooled, dataDir, log, poolSize = 10 } = options
  const embedded = databaseUrl === undefined ? await startEmbedded({ dataDir, log }) : undefined
  const url = databaseUrl ?? embedded?.url ?? ''
  let closed: Promise<void> | undefined
  const onLost = (error: Error) => {
    // The pool does not wait for its connections to end: a server that stops meanwhile cuts them, which is no loss.
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
