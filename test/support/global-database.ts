/** Starts one PostgreSQL for the whole run and migrates the template that every test's database is a copy of. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { TestProject } from 'vitest/node'

import { silentLog } from '../../src/observe/log.ts'
import { openPool } from '../../src/store/database.ts'
import { startEmbedded } from '../../src/store/embedded/embedded.ts'
import { migrate } from '../../src/store/migrate.ts'
import { databaseUrl, template } from './database.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    postgres: string
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pinpoint-webhooks-test-'))
  const embedded = await startEmbedded({ dataDir, log: silentLog })
  const admin = openPool(embedded.url, 1)
  await admin.query(`create database ${template}`)
  const pool = openPool(databaseUrl(embedded.url, template), 1)
  await migrate(pool)
  await pool.end()
  await admin.end()
  project.provide('postgres', embedded.url)
  return async () => {
    await embedded.release()
    await rm(dataDir, { recursive: true, force: true })
  }
}
