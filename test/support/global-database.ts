/** Starts one PostgreSQL for the whole run, on a port that tests put proxies and poolers in front of, and migrates the template that every test's database is a copy of. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { TestProject } from 'vitest/node'

import { startEmbedded } from '../../src/embedded-postgres/embedded.ts'
import { superuserUrl } from '../../src/embedded-postgres/superuser.ts'
import { silentLog } from '../../src/observe/log.ts'
import { openPool } from '../../src/postgres/database.ts'
import { migrate } from '../../src/postgres/migrate.ts'
import { migrationSteps } from '../../src/privacy/store/rekey.ts'
import { openQueue } from '../../src/queue/store/queue.ts'
import { template } from './database.ts'
import { databaseUrl } from './reusable-database.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    postgres: string
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pinpoint-webhooks-test-'))
  const embedded = await startEmbedded({ dataDir, log: silentLog, tcp: true })
  const url = await superuserUrl(embedded)
  const admin = openPool(url, 1)
  await admin.query(`create database ${template}`)
  const pool = openPool(databaseUrl(url, template), 2)
  await migrate(pool, { steps: migrationSteps() })
  const queue = await openQueue(pool, { supervise: false, log: silentLog })
  await queue.close()
  await pool.end()
  await admin.end()
  project.provide('postgres', url)
  return async () => {
    await embedded.release()
    await rm(dataDir, { recursive: true, force: true })
  }
}
