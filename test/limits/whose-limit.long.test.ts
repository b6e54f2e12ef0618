// H2: what one tenant's host says is that tenant's affair, until a second one is told the same by Pinpoint itself.
import { afterEach, beforeEach, expect, it } from 'vitest'

import { sweepDeps } from '../../src/app/background.ts'
import { openOutbound } from '../../src/app/outbound.ts'
import { silentLog } from '../../src/observe/log.ts'
import { performSweep } from '../../src/sweeps/sweep.ts'
import { runCommand } from '../support/command.ts'
import { expectExactly } from '../support/oracle.ts'
import { openOwnHost, type OwnHostOptions } from '../support/own-host.ts'
import { openPinpointHosts, type PinpointHosts } from '../support/pinpoint-hosts.ts'
import { until } from '../support/until.ts'
import { openWorld, type World, type WorldOptions } from '../support/world.ts'
import { addTenant, hireOf, startAnother, stopAll } from './two-tenants.ts'

let world: World
let hosts: PinpointHosts
let closing: (() => Promise<void>)[] = []
beforeEach(async () => {
  hosts = await openPinpointHosts(['acme', 'beta', 'gamma'])
})
afterEach(async () => {
  await stopAll()
  await world.close()
  await Promise.all([hosts.close(), ...closing.map((close) => close())])
  closing = []
})

const runsOf = (tenant: string) => world.store.runs.listRuns({ limit: 500, tenant })
const stateOf = async (tenant: string) => (await runsOf(tenant))[0]?.state
const calls = () => world.sandbox.calls.list({ system: 'pinpoint' }).length

/** Acme, beta and gamma with Pinpoint's own host names. */
async function openAtPinpoint(options: WorldOptions = {}): Promise<void> {
  const pinpointUrl = hosts.urlOf('acme')
  world = await openWorld({ hibob: { readLagSeconds: 0 }, env: hosts.env, pinpointUrl, ...options })
  hosts.leadTo(world.sandbox)
  for (const slug of ['beta', 'gamma']) await addTenant(world, slug, hosts.urlOf(slug))
}

const tooMany = (account: string, seconds: number) =>
  world.sandbox.faults.add({
    system: 'pinpoint',
    account,
    effect: { status: 429, headers: { 'retry-after': String(seconds) } },
  })

async function ownHost(slug: string, options: Omit<OwnHostOptions, 'slug'>): Promise<string> {
  const host = await openOwnHost(world.sandbox, { slug, ...options })
  closing.push(() => host.close())
  return host.apiUrl
}

/** What becomes of one go at a sweep of this tenant. */
async function sweepOf(slug: string) {
  const { store, config } = world
  const outbound = openOutbound(config)
  closing.push(() => outbound.close())
  const tenant = await store.tenants.open(slug)
  const request = { tenant: tenant!, since: new Date(0), anyAge: true, undated: false }
  const sweep = await store.sweeps.begin(request, 'this test')
  const deps = sweepDeps({ store, outbound, log: silentLog, address: config.egressName })
  return performSweep(deps, sweep!, new AbortController().signal)
}

const tooManyForAnHour: NonNullable<OwnHostOptions['answers']> = (_, response) => {
  response.writeHead(429, { 'retry-after': '3600' }).end()
  return true
}

it('a host of a tenant’s own that answers 429 for an hour stops nobody else', async () => {
  await openAtPinpoint()
  await addTenant(world, 'evil', await ownHost('evil', { answers: tooManyForAnHour }))
  await addTenant(world, 'mild', await ownHost('mild', {}))
  await hireOf(world, 'evil', { email: 'eve@example.com' })
  await until('evil’s run to wait', async () => (await stateOf('evil')) === 'waiting')

  await world.hire({ email: 'ada@example.com' })
  await hireOf(world, 'mild', { email: 'grace@example.com' })
  for (const slug of ['acme', 'mild']) {
    await until(`${slug}’s hire to be done`, async () => (await stateOf(slug)) === 'done')
  }
  expect(await runsOf('evil')).toMatchObject([{ state: 'waiting', code: 'pinpoint.rate_limited' }])
  const { rows } = await world.store.database.pool.query(
    `select from limits where scope like 'address:%' and exhausted_until > now()`,
  )
  expect(rows).toEqual([])
  const shown = await runCommand(['connections', 'show', 'evil', 'hibob'], { env: world.env, here: true })
  expect(shown.stdout).toMatch(/limit pinpoint\.api: used up, free in/)
}, 60_000)

it('headers beside a documented limit bind nobody, not even who was told them', async () => {
  await openAtPinpoint()
  const headers = { 'x-ratelimit-limit': '1', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '3600' }
  await addTenant(world, 'evil', await ownHost('evil', { headers }))
  for (const email of ['eve@example.com', 'mallory@example.com']) {
    await hireOf(world, 'evil', { email })
    await until(`evil’s hire ${email}`, async () =>
      (await runsOf('evil')).every(({ state }) => state === 'done'),
    )
  }
  await world.hire({ email: 'ada@example.com' })
  expect((await world.settled(3)).map(({ state }) => state)).toEqual(['done', 'done', 'done'])
}, 60_000)

it('the first 429 of Pinpoint rests the tenant that got it, in all processes, and nobody else', async () => {
  await openAtPinpoint()
  const another = await startAnother(world)
  tooMany('acme', 20)
  await world.hire({ email: 'ada@example.com' })
  await until('the first run to wait', async () => (await stateOf('acme')) === 'waiting')
  expect(calls()).toBe(1)

  await world.hire({ email: 'grace@example.com' }, { url: another.url })
  await until('the second run to wait', async () =>
    (await runsOf('acme')).every(({ state }) => state === 'waiting'),
  )
  expect(calls()).toBe(1)

  await hireOf(world, 'beta', { email: 'joan@example.com', url: another.url })
  await until('beta’s hire to be done', async () => (await stateOf('beta')) === 'done')
  expect((await runsOf('acme')).map(({ attempt }) => attempt)).toEqual([1, 1])
  const shown = await runCommand(['connections', 'show', 'acme', 'hibob'], { env: world.env, here: true })
  expect(shown.stdout).toMatch(/limit pinpoint\.api \(of all connections of this tenant\): used up, free in/)
  expect(shown.stdout).toMatch(
    /limit pinpoint\.api \(shared by all that call from this address\): 4 of 120 in 60 s/,
  )
}, 60_000)

it('all wait once a second tenant is told the same meanwhile, and go on afterwards', async () => {
  await openAtPinpoint()
  const another = await startAnother(world)
  tooMany('acme', 4)
  tooMany('beta', 4)
  await world.hire({ email: 'ada@example.com' })
  await hireOf(world, 'beta', { email: 'joan@example.com', url: another.url })
  for (const slug of ['acme', 'beta']) {
    await until(`${slug}’s run to wait`, async () => (await stateOf(slug)) === 'waiting')
  }
  expect(calls()).toBe(2)

  await hireOf(world, 'gamma', { email: 'grace@example.com', url: another.url })
  await until('gamma’s run to wait', async () => (await stateOf('gamma')) === 'waiting')
  expect(calls()).toBe(2)
  expect((await runsOf('gamma')).map(({ code, attempt }) => [code, attempt])).toEqual([
    ['pinpoint.rate_limited', 1],
  ])
  expect((await world.settled(3)).every(({ state }) => state === 'done')).toBe(true)
  expectExactly(world, 3)
}, 60_000)

it('processes that call from different addresses do not share what is counted per address', async () => {
  await openAtPinpoint({ service: false })
  const first = await startAnother(world, { EGRESS_NAME: 'first' })
  for (const slug of ['acme', 'beta']) tooMany(slug, 60)
  await world.hire({ email: 'ada@example.com' }, { url: first.url })
  await hireOf(world, 'beta', { email: 'joan@example.com', url: first.url })
  for (const slug of ['acme', 'beta']) {
    await until(`${slug}’s run to wait`, async () => (await stateOf(slug)) === 'waiting')
  }
  await stopAll()
  const second = await startAnother(world, { EGRESS_NAME: 'second' })
  await hireOf(world, 'gamma', { email: 'grace@example.com', url: second.url })
  await until('gamma’s hire to be done', async () => (await stateOf('gamma')) === 'done')
}, 60_000)

it('Pinpoint that asks for an hour is left alone for its longest documented window', async () => {
  await openAtPinpoint()
  tooMany('acme', 3600)
  await world.hire({ email: 'ada@example.com' })
  const [run] = await until('the run to wait', async () => {
    const runs = await runsOf('acme')
    return runs[0]?.state === 'waiting' && runs
  })
  const waits = (Date.parse(run?.nextAt ?? '') - Date.now()) / 1000
  expect(waits).toBeGreaterThan(400)
  expect(waits).toBeLessThan(482)
}, 60_000)

it('a sweep of a tenant that rests waits as its runs do, and counts for nobody else', async () => {
  await openAtPinpoint()
  tooMany('acme', 300)
  expect(await sweepOf('acme')).toMatchObject({ state: 'waiting', code: 'pinpoint.rate_limited' })
  expect(calls()).toBe(1)
  await hireOf(world, 'beta', { email: 'joan@example.com' })
  await until('beta’s hire to be done', async () => (await stateOf('beta')) === 'done')
  await world.hire({ email: 'ada@example.com' })
  await until('acme’s run to wait', async () => (await stateOf('acme')) === 'waiting')
  expect((await runsOf('acme')).map(({ attempt }) => attempt)).toEqual([1])
}, 60_000)
