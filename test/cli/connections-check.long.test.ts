// `connections check` against the sandbox: what a people team reads when something is not set up as it should be.
import { afterEach, expect, it, vi } from 'vitest'

import { type Sandbox } from '../../sandbox/index.ts'
import { failJson, runCommand, runJson } from '../support/command.ts'
import { openWorld, type World, type WorldOptions } from '../support/world.ts'

// Processes take seconds on a machine that does other things too.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

let world: World
afterEach(() => world.close())

const open = async (options: WorldOptions = {}, upset: (sandbox: Sandbox) => void = () => {}) => {
  world = await openWorld({ service: false, ...options })
  upset(world.sandbox)
}
const check = async ({ here = true } = {}) => {
  const { code, data } = await runJson(['connections', 'check', 'acme', 'hibob'], { env: world.env, here })
  const { ok, connections } = data as {
    readonly ok: boolean
    readonly connections: readonly {
      readonly tenant: string
      readonly integration: string
      readonly report: readonly { readonly ok: boolean; readonly what: string; readonly because: string }[]
    }[]
  }
  const [only] = connections
  expect({ tenant: only?.tenant, integration: only?.integration, ok }).toEqual({
    tenant: 'acme',
    integration: 'hibob',
    ok: code === 0,
  })
  return { code, report: only?.report ?? [] }
}
const failed = (report: Awaited<ReturnType<typeof check>>['report']) =>
  report.filter(({ ok }) => !ok).map(({ what, because }) => `${what}: ${because}`)

it('says that all is well, for people and as JSON', async () => {
  await open()
  const { code, report } = await check({ here: false })
  expect({ code, failed: failed(report) }).toEqual({ code: 0, failed: [] })
  expect(report.map(({ what }) => what)).toEqual([
    'Pinpoint applications',
    'Pinpoint comments',
    'Credentials',
    'Fields that are sent',
    'Site',
  ])
  const { stdout } = await runCommand(['connections', 'check', 'acme'], { env: world.env })
  expect(stdout).toContain('  ok    Site: HiBob knows the site "New York (Demo)".')
  expect(world.sandbox.ledger().counts).toMatchObject({ employees: 0, documents: 0, comments: 0 })
})

it('says from which day a rule counts, and asks for the time zone where it is not known (W25)', async () => {
  await open({ hibob: { startDateRule: { daysAfterHire: 14 } } })
  const unset = await check()
  expect({ code: unset.code, failed: failed(unset.report) }).toEqual({
    code: 2,
    failed: [expect.stringMatching(/^Time zone: .*UTC.*Set `timeZone`/)],
  })
  await world.store.database.pool.query(`update tenants set time_zone = 'Europe/Berlin'`)
  expect(failed((await check()).report)).toEqual([])
})

it('names a Pinpoint key that is refused', async () => {
  await open()
  world.sandbox.faults.add({ system: 'pinpoint', every: 1, effect: { status: 401 } })
  const { code, report } = await check()
  expect(code).toBe(2)
  expect(failed(report)).toEqual([expect.stringMatching(/^Pinpoint applications: .*refused.*401/)])
})

it('names HiBob credentials that are refused, and asks no further', async () => {
  await open()
  world.sandbox.faults.add({ system: 'hibob', every: 1, effect: { status: 401 } })
  const { code, report } = await check()
  expect(code).toBe(2)
  expect(failed(report)).toEqual([expect.stringMatching(/^Credentials: .*refused.*401/)])
})

it('names the fields that HiBob hides, and the category to grant (F2)', async () => {
  const hiddenFields = ['internal.status', 'internal.lifecycleStatus', 'root.email']
  await open({}, ({ hibob }) => {
    hibob.addEmployee({ email: 'grace@example.com' })
    hibob.configure('acme', { hiddenFields })
  })
  const { code, report } = await check()
  expect(code).toBe(2)
  const [only, ...others] = failed(report)
  expect(others).toEqual([])
  expect(only).toMatch(
    /^Fields of employees: .*root\.email, internal\.status, internal\.lifecycleStatus of employee \d+/,
  )
  expect(only).toMatch(/Grant the service user the view of Basic info and Lifecycle\.$/)
  world.sandbox.hibob.configure('acme', { hiddenFields: [] })
  expect(failed((await check()).report)).toEqual([])
})

it('names a permission that the service user lacks', async () => {
  await open()
  world.sandbox.hibob.addCompany({ name: 'acme', denied: ['people.read'] })
  const { code, report } = await check()
  expect(code).toBe(2)
  expect(failed(report)).toEqual([expect.stringMatching(/^Credentials: .*403/)])
})

it('names a site that HiBob does not know, with those it knows', async () => {
  await open({ hibob: { site: 'Atlantis' } })
  const { code, report } = await check()
  expect(code).toBe(2)
  expect(failed(report)).toEqual([
    'Site: HiBob has no site "Atlantis". It has: "New York (Demo)", "London (Demo)", "Madrid (Demo)".',
  ])
  const line = ['connections', 'check', 'acme', 'hibob']
  const { stdout } = await runCommand(line, { env: world.env, here: true })
  expect(stdout).toContain('  FAIL  Site: ')
})

it('says when nothing can be reached, and shows no secret', async () => {
  await open({ hibob: { apiUrl: 'http://127.0.0.1:1/v1' } })
  const { stdout, stderr, code } = await runCommand(['connections', 'check', 'acme'], { env: world.env })
  expect(code).toBe(2)
  expect(stdout).toContain('could not be reached')
  for (const text of ['sandbox-token', 'sandbox-key']) expect(stdout + stderr).not.toContain(text)
})

it('refuses a tenant that has no connections', async () => {
  await open()
  const { pool } = world.store.database
  await pool.query('delete from connections')
  expect(await failJson(['connections', 'check', 'acme'], { env: world.env, here: true })).toMatchObject({
    code: 2,
    error: { code: 'cli.no_connections' },
  })
})
