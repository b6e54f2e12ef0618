/** A PostgreSQL for a matrix: somebody's, or an embedded one for as long as it takes. A database of its own for each rung. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { startEmbedded } from '../../src/embedded-postgres/embedded.ts'
import { superuserUrl } from '../../src/embedded-postgres/superuser.ts'
import { silentLog } from '../../src/observe/log.ts'
import { openPool } from '../../src/postgres/database.ts'

export interface MatrixPostgres {
  /** The URL of a new, empty database. */
  create(): Promise<string>
  /** Drops what was made. */
  close(): Promise<void>
}

/** `url`: of a role that may create databases. Unset: an embedded server. */
export async function openPostgres(url?: string): Promise<MatrixPostgres> {
  const server = url === undefined ? await startServer() : { url, stop: async () => {} }
  const admin = openPool(server.url, 1)
  const made: string[] = []
  return {
    async create() {
      const name = `crash_matrix_${randomBytes(6).toString('hex')}`
      await admin.query(`create database ${name}`)
      made.push(name)
      const database = new URL(server.url)
      database.pathname = name
      return database.href
    },
    async close() {
      for (const name of made) await admin.query(`drop database ${name} with (force)`)
      await admin.end()
      await server.stop()
    },
  }
}

async function startServer() {
  const dataDir = await mkdtemp(join(tmpdir(), 'crash-matrix-'))
  const embedded = await startEmbedded({ dataDir, log: silentLog })
  return {
    url: await superuserUrl(embedded),
    async stop() {
      await embedded.release()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
