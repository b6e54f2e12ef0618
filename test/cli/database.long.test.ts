// migrate and doctor on somebody else's PostgreSQL, and what every command says of one that will not have us.
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'

import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { makeCertificate } from '../support/certificate.ts'
import { type CommandOptions, failJson, runCommand, runJson } from '../support/command.ts'
import { type FreshDatabase, freshDatabase } from '../support/database.ts'
import { startTlsOnlyServer } from '../support/tls-only-server.ts'

// Processes take seconds on a machine that does other things too.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

let database: FreshDatabase
beforeEach(async () => {
  database = await freshDatabase({ empty: true })
})
afterEach(() => database.drop())

const keys = `test:${randomBytes(32).toString('base64')}`
const on = (url = database.url): CommandOptions => ({
  env: { DATABASE_URL: url, ENCRYPTION_KEYS: keys, DATA_DIR: tmpdir() },
})
const changed = (part: 'password' | 'pathname' | 'port', value: string) => {
  const url = new URL(database.url)
  url[part] = value
  return url.href
}

it('migrate shows what it would do, does it once, and doctor says before and after', async () => {
  const before = await runJson(['doctor'], on())
  expect(before).toMatchObject({ code: 2, data: { ok: false } })
  expect(JSON.stringify(before.data)).toContain('Run `pinpoint-webhooks migrate`')

  const dry = await runJson(['migrate', '--dry-run'], on())
  const { pending } = dry.data as {
    readonly pending: readonly { readonly name: string; readonly sql: string }[]
  }
  expect(pending.map(({ sql }) => sql).join('\n')).toContain('create table')
  const names = pending.map(({ name }) => name)
  expect((await runCommand(['migrate', '--dry-run'], on())).stdout).toContain(`-- ${names[0] ?? ''}\n`)

  expect(await runJson(['migrate'], on())).toEqual({ code: 0, data: { applied: names } })
  expect(await runJson(['migrate'], on())).toEqual({ code: 0, data: { applied: [] } })
  expect(await runCommand(['migrate', '--dry-run'], on())).toMatchObject({
    code: 0,
    stdout: 'Nothing to do.\n',
  })

  // The queue's tables come with the first start, or the first command that writes.
  await runCommand(['quarantine', 'verify'], on())
  const { code, stdout } = await runCommand(['doctor'], on())
  expect(stdout).not.toContain('FAIL')
  expect(code).toBe(0)
})

it('doctor shows the configuration without secrets', async () => {
  const { stdout, stderr } = await runCommand(['doctor'], on())
  expect(stdout).toContain('databaseUrl: postgresql://127.0.0.1')
  for (const secret of [new URL(database.url).password, keys.slice(5)]) {
    expect(stdout + stderr).not.toContain(secret)
  }
})

it.each([
  ['a wrong password', 'password', 'wr0ng'],
  ['a database that does not exist', 'pathname', 'nowhere'],
] as const)('%s is for whoever set DATABASE_URL: 2', async (_what, part, value) => {
  const options = on(changed(part, value))
  for (const line of [['tenants', 'list'], ['migrate']]) {
    const { code, error } = await failJson(line, { ...options, here: true })
    expect({ code, error }).toMatchObject({
      code: 2,
      error: { code: 'store.database_refused', fix: expect.stringContaining('DATABASE_URL') as string },
    })
    expect(JSON.stringify(error)).not.toContain('wr0ng')
  }
  const served = await runCommand(['serve'], options)
  expect(served).toMatchObject({ code: 2, stdout: '' })
  expect(served.stderr).toContain('(store.database_refused)')
  const doctor = await runJson(['doctor'], { ...options, here: true })
  expect(doctor).toMatchObject({ code: 2, data: { ok: false } })
})

it('a certificate that is not trusted is for whoever set it up: 2 (W32)', async () => {
  const server = await startTlsOnlyServer(await makeCertificate('IP:127.0.0.1'))
  try {
    const options = on(`postgresql://app:pw@127.0.0.1:${server.port}/app?sslmode=require`)
    expect(await failJson(['tenants', 'list'], options)).toMatchObject({
      code: 2,
      error: {
        code: 'store.database_refused',
        fix: expect.stringContaining('NODE_EXTRA_CA_CERTS') as string,
      },
    })
    const served = await runCommand(['serve'], options)
    expect(served).toMatchObject({ code: 2, stdout: '' })
    expect(served.stderr).toContain('is not trusted')
  } finally {
    await server.close()
  }
})

it('a database that does not answer is for later: 75', async () => {
  const options = on(changed('port', '1'))
  for (const line of [['tenants', 'list'], ['migrate']]) {
    const failure = await failJson(line, { ...options, here: true })
    expect(failure).toMatchObject({ code: 75, error: { code: 'store.database_away' } })
  }
  expect(await runCommand(['serve'], options)).toMatchObject({ code: 75 })
})
