/** One PostgreSQL for what is measured and for its baseline: the same server, disk and settings, a database for each. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { startEmbedded } from '../../src/embedded-postgres/embedded.ts'
import { superuserUrl } from '../../src/embedded-postgres/superuser.ts'
import { silentLog } from '../../src/observe/log.ts'
import { openPool } from '../../src/postgres/database.ts'

export interface BenchPostgres {
  /** A new, empty database; its URL. */
  database(name: string): Promise<string>
  /** What autovacuum does within a minute: a database that is minutes old has no statistics, and is planned for as if it were empty. */
  analyze(name: string): Promise<void>
  close(): Promise<void>
}

/** `countStatements`: what pg_stat_statements has to be loaded for. */
export async function openBenchPostgres({ countStatements = false } = {}): Promise<BenchPostgres> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pinpoint-webhooks-bench-'))
  if (countStatements) await loadStatistics(dataDir)
  const server = await startEmbedded({ dataDir, log: silentLog })
  const url = await superuserUrl(server)
  const pool = openPool(url, 1)
  const urlOf = (name: string) => {
    const database = new URL(url)
    database.pathname = `/${name}`
    return database.href
  }
  return {
    async database(name) {
      await pool.query(`create database ${name}`)
      return urlOf(name)
    },
    async analyze(name) {
      const own = openPool(urlOf(name), 1)
      await own.query('vacuum analyze')
      await own.end()
    },
    async close() {
      await pool.end()
      await server.release()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** Takes effect at the next start. */
async function loadStatistics(dataDir: string): Promise<void> {
  const server = await startEmbedded({ dataDir, log: silentLog })
  const pool = openPool(await superuserUrl(server), 1)
  await pool.query(`alter system set shared_preload_libraries = 'pg_stat_statements'`)
  await pool.end()
  await server.release()
}
