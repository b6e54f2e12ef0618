// Refused credentials: hardly ever tried, told once, and everything goes on when they are mended.
import { afterEach, expect, it } from 'vitest'

import type { Service } from '../../src/app/service.ts'
import { runCommand, runJson } from '../support/command.ts'
import { expectExactly } from '../support/oracle.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'
import { rememberingLog, startAnother, stopAll } from './two-tenants.ts'

let world: World
afterEach(async () => {
  await stopAll()
  await world.close()
})

const hires = 30

/** Thirty hires that are all there before the first worker starts, then two workers at once. */
async function thirtyAtOnce(log = rememberingLog()): Promise<readonly Service[]> {
  const intake = await startAnother(world, { ROLE: 'intake' })
  await Promise.all(
    Array.from({ length: hires }, (_, index) =>
      world.hire({ email: `person-${index}@example.com` }, { url: intake.url }),
    ),
  )
  const worker = { ROLE: 'worker', WORKER_CONCURRENCY: '20' }
  return Promise.all([startAnother(world, worker, log), startAnother(world, worker, log)])
}

function refusedCalls(system: string): number {
  const counts = Object.entries(world.sandbox.ledger().calls)
  return counts
    .filter(([name]) => name.startsWith(`${system} `) && / 40[13]$/.test(name))
    .reduce((sum, [, count]) => sum + count, 0)
}

it('a wrong HiBob token reaches HiBob at most five times, though thirty hires start together in two processes', async () => {
  world = await openWorld({ service: false })
  world.sandbox.hibob.addCompany({ name: 'acme', serviceUserToken: 'rotated' })
  const log = rememberingLog()
  const [worker] = await thirtyAtOnce(log)
  const runs = await world.settled(hires)
  expect(new Set(runs.map(({ state, code }) => `${state} ${code}`))).toEqual(
    new Set(['parked hibob.credentials_refused']),
  )
  expect(refusedCalls('hibob')).toBeGreaterThan(0)
  expect(refusedCalls('hibob')).toBeLessThanOrEqual(5)
  expect(log.alerts('connection_paused')).toMatchObject([
    { level: 'error', fields: { tenant: 'acme', integration: 'hibob', code: 'hibob.credentials_refused' } },
  ])
  const metrics = await (await fetch(`${worker!.adminUrl}/metrics`)).text()
  expect(metrics).toContain('pinpoint_webhooks_paused_connections 1')

  // The new token is applied: nothing else need be done.
  await world.apply()
  const mended = await until('all hires to be done', async () => {
    const now = await world.store.runs.listRuns({ limit: 100 })
    return now.every(({ state }) => state === 'done') && now
  })
  expect(mended).toHaveLength(hires)
  expectExactly(world, hires)
  expect(log.alerts('connection_paused')).toHaveLength(1)
}, 60_000)

it('a wrong Pinpoint key likewise', async () => {
  world = await openWorld({ service: false })
  world.sandbox.pinpoint.addTenant({ subdomain: 'acme', apiKey: 'rotated' })
  await thirtyAtOnce()
  const runs = await world.settled(hires)
  expect(new Set(runs.map(({ code }) => code))).toEqual(new Set(['pinpoint.credentials_refused']))
  expect(refusedCalls('pinpoint')).toBeLessThanOrEqual(5)
  expect(refusedCalls('hibob')).toBe(0)
}, 60_000)

it('a missing permission likewise; once granted, a check that passes lets everything go on', async () => {
  world = await openWorld({ service: false })
  world.sandbox.hibob.addCompany({ name: 'acme', denied: ['people.create'] })
  await thirtyAtOnce()
  const runs = await world.settled(hires)
  expect(new Set(runs.map(({ state, code }) => `${state} ${code}`))).toEqual(
    new Set(['parked hibob.permission_missing']),
  )
  expect(refusedCalls('hibob')).toBeLessThanOrEqual(5)

  world.sandbox.hibob.addCompany({ name: 'acme', serviceUserToken: 'wrong for now' })
  const failing = await runJson(['connections', 'check', 'acme', 'hibob'], { env: world.env, here: true })
  expect(failing).toMatchObject({ code: 2, data: { ok: false, resumed: 0 } })
  expect((await runCommand(['connections', 'list'], { env: world.env, here: true })).stdout).toContain(
    'paused: ',
  )

  world.sandbox.hibob.addCompany({ name: 'acme' })
  const passing = await runJson(['connections', 'check', 'acme', 'hibob'], { env: world.env, here: true })
  expect(passing).toMatchObject({ code: 0, data: { ok: true, resumed: hires } })
  await until('all hires to be done', async () => {
    const now = await world.store.runs.listRuns({ limit: 100 })
    return now.every(({ state }) => state === 'done')
  })
  expectExactly(world, hires)
}, 90_000)
