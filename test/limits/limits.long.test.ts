// Limits through the doors: learned from the sandbox's headers, met without a 429, shared by tenants and processes.
import { afterEach, expect, it } from 'vitest'

import { runCommand, runJson } from '../support/command.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'
import { startAnother, stopAll } from './two-tenants.ts'

let world: World
afterEach(async () => {
  await stopAll()
  await world.close()
})

const runs = () => world.store.runs.listRuns({ limit: 500 })
const people = (count: number) => Array.from({ length: count }, (_, index) => `person-${index}@example.com`)

it('HiBob’s fifty a minute: the rest waits for its turn without a 429, without a failed attempt, and says why', async () => {
  world = await openWorld({ hibob: { readLagSeconds: 0 } })
  await startAnother(world)
  world.sandbox.hibob.addCompany({ name: 'acme', rateLimited: true })
  // The first answer tells the limit.
  await world.hire({ email: 'first@example.com' })
  await world.settled(1)
  await Promise.all(people(60).map((email) => world.hire({ email })))
  const all = await until('every run to be done or to wait', async () => {
    const now = await runs()
    return now.length === 61 && now.every(({ state }) => state === 'done' || state === 'waiting') && now
  })
  const waiting = all.filter(({ state }) => state === 'waiting')
  expect(all.length - waiting.length).toBeLessThanOrEqual(50)
  expect(all.length - waiting.length).toBeGreaterThanOrEqual(45)
  expect(new Set(waiting.map(({ code, attempt }) => `${code} ${attempt}`))).toEqual(
    new Set(['hibob.rate_limited 1']),
  )
  for (const { nextAt } of waiting) {
    expect(Date.parse(nextAt ?? '')).toBeGreaterThan(Date.now())
    expect(Date.parse(nextAt ?? '')).toBeLessThan(Date.now() + 70_000)
  }
  expect(Object.keys(world.sandbox.ledger().calls).filter((name) => name.endsWith(' 429'))).toEqual([])

  const list = await runCommand(['connections', 'list', 'acme'], { env: world.env, here: true })
  expect(list.stdout).toMatch(/acme +hibob +waits for limits: hibob\.\w+ \(free in /)
  const shown = await runJson(['connections', 'show', 'acme', 'hibob'], { env: world.env, here: true })
  const { limits } = shown.data as {
    limits: { bucket: string; windows: { allowed: number; used: number }[] }[]
  }
  expect(limits.find(({ bucket }) => bucket === 'hibob.search')?.windows).toMatchObject([
    { allowed: 50, used: 50 },
  ])
  const metrics = await (await fetch(`${world.service!.adminUrl}/metrics`)).text()
  expect(metrics).toMatch(/pinpoint_webhooks_exhausted_limits [1-9]/)
}, 60_000)
