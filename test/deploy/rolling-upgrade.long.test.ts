// The release before this one goes on while this one migrates the database, works beside it, and takes its place.
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, expect, it, vi } from 'vitest'

import { hireEvent, type Sandbox, signPinpoint, startSandbox } from '../../sandbox/index.ts'
import { openPool } from '../../src/postgres/database.ts'
import { runCommand, runJson } from '../support/command.ts'
import { freshDatabase } from '../support/database.ts'
import { expectExactly } from '../support/oracle.ts'
import { checkOut, previousRelease } from '../support/previous-release.ts'
import { type ServiceProcess, startServiceProcess } from '../support/service-process.ts'
import { until } from '../support/until.ts'
import { declaration, signingSecret } from '../support/world.ts'

vi.setConfig({ testTimeout: 150_000, hookTimeout: 60_000 })

const release = previousRelease()
const some = 3

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

it.skipIf(release === undefined)(
  'hires that the previous release and this one take and work on side by side are each done exactly once',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pinpoint-webhooks-upgrade-'))
    closing.push(() => rm(folder, { recursive: true, force: true }))
    const old = join(folder, 'previous')
    await checkOut(release ?? '', old)
    const { env, sandbox, migrations, unfinished } = await openDestinations(folder)
    const start = async (ROLE: 'intake' | 'worker', checkout?: string) => {
      const service = await startServiceProcess({ ...env, ROLE }, checkout === undefined ? {} : { checkout })
      closing.push(() => service.kill())
      return service
    }
    let expected = 0
    const hire = async (...services: readonly ServiceProcess[]) => {
      for (let sent = 0; sent < some; sent++)
        await Promise.all(services.map(({ url }) => sendHire(sandbox, url)))
      expected += some * services.length
    }
    const done = async () => {
      await until('all hires to be done', async () => (await unfinished()) === 0, 60)
      expectExactly({ sandbox }, expected)
    }

    // By its own means the old one makes its tables, learns of its tenant, and is at work.
    const oldIntake = await start('intake', old)
    const tenant = JSON.stringify(declaration(sandbox, { hibob: { readLagSeconds: 0 } }))
    const applied = await runCommand(['apply', '-'], { env, input: tenant, checkout: old })
    expect(applied.code, applied.stderr).toBe(0)
    const oldWorker = await start('worker', old)
    await hire(oldIntake)
    await done()
    expect(await migrations()).toEqual(await migrationsOf(old))

    // It has a run in its hands while the new one migrates, and goes on with it afterwards.
    const held = sandbox.faults.add({
      system: 'hibob',
      operation: 'people.create',
      effect: { hold: 'after' },
    })
    await hire(oldIntake)
    await sandbox.faults.whenHeld(held.id)
    const newIntake = await start('intake')
    expect(await migrations()).toEqual(await migrationsOf())
    sandbox.faults.remove(held.id)
    await done()

    // Taken by either, and worked on by the old one.
    await hire(newIntake, oldIntake)
    await done()

    // Taken by either, and worked on by both; then the new worker leaves again.
    const newWorker = await start('worker')
    await hire(newIntake, oldIntake)
    await done()
    expect(await newWorker.stop()).toBe(0)

    // The old worker ends with a run in its hands; a new one goes on with it, and with what the old intake takes.
    const last = sandbox.faults.add({
      system: 'hibob',
      operation: 'people.search',
      effect: { hold: 'before' },
    })
    await hire(newIntake)
    await sandbox.faults.whenHeld(last.id)
    const lastWorker = await start('worker')
    expect(await oldWorker.stop()).toBe(0)
    sandbox.faults.remove(last.id)
    await hire(oldIntake)
    await done()

    expect(await oldIntake.stop()).toBe(0)
    await hire(newIntake)
    await done()
    expect(await runJson(['doctor'], { env })).toMatchObject({ code: 0, data: { ok: true } })
    expect(await Promise.all([newIntake.stop(), lastWorker.stop()])).toEqual([0, 0])
  },
)

async function openDestinations(folder: string) {
  const database = await freshDatabase({ empty: true })
  closing.push(() => database.drop())
  const sandbox = await startSandbox()
  closing.push(() => sandbox.close())
  const pool = openPool(database.url, 1)
  closing.push(() => pool.end())
  const env = {
    DATABASE_URL: database.url,
    DATA_DIR: join(folder, 'data'),
    PORT: '0',
    ENCRYPTION_KEYS: `test:${randomBytes(32).toString('base64')}`,
    DANGEROUS_ALLOW_PRIVATE_NETWORK: 'true',
    SHUTDOWN_GRACE_SECONDS: '1',
  }
  return {
    env,
    sandbox,
    migrations: async () => {
      const { rows } = await pool.query<{ name: string }>(
        'select name from schema_migrations order by version',
      )
      return rows.map(({ name }) => name)
    },
    unfinished: async () => {
      const { rows } = await pool.query<{ count: number }>(`select count(*) from runs where state <> 'done'`)
      return rows[0]?.count
    },
  }
}

async function migrationsOf(checkout = join(import.meta.dirname, '../..')): Promise<readonly string[]> {
  const files = await readdir(join(checkout, 'migrations'))
  return files
    .filter((name) => name.endsWith('.sql'))
    .map((name) => name.slice(0, -'.sql'.length))
    .sort()
}

async function sendHire(sandbox: Sandbox, url: string): Promise<void> {
  const { id, job } = sandbox.pinpoint.addApplication({})
  const body = hireEvent(id, job.id)
  const response = await fetch(`${url}/webhooks/pinpoint/acme`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'PINPOINT-HMAC-SHA256': signPinpoint(signingSecret, body),
    },
  })
  expect(response.status).toBe(200)
}
