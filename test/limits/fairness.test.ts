// One tenant's many hires, or its slow HiBob, are its own affair.
import { afterEach, expect, it } from 'vitest'

import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'
import { addTenant, hireOf, stopAll } from './two-tenants.ts'

let world: World
afterEach(async () => {
  await stopAll()
  await world.close()
})

const runsOf = (tenant: string) => world.store.runs.listRuns({ limit: 500, tenant })
const people = (count: number) => Array.from({ length: count }, (_, index) => `person-${index}@example.com`)

it('a hire of another tenant does not queue behind two hundred of the first', async () => {
  world = await openWorld({ hibob: { readLagSeconds: 0 } })
  await addTenant(world, 'beta')
  world.sandbox.faults.add({ system: 'hibob', account: 'acme', every: 1, effect: { delayMs: 2000 } })
  await Promise.all(people(200).map((email) => world.hire({ email })))
  await hireOf(world, 'beta', { email: 'grace@example.com' })
  const [run] = await until('beta’s hire', async () => {
    const found = await runsOf('beta')
    return found[0]?.state === 'done' && found
  })
  expect((await runsOf('acme')).filter(({ state }) => state === 'queued').length).toBeGreaterThan(100)
  const took = Date.parse(run!.updatedAt) - Date.parse(run!.createdAt)
  expect(took).toBeLessThan(5000)
}, 60_000)

it('a tenant whose HiBob hangs does not occupy the slots that another one needs', async () => {
  world = await openWorld({ hibob: { readLagSeconds: 0 } })
  await addTenant(world, 'beta')
  const hanging = world.sandbox.faults.add({
    system: 'hibob',
    account: 'acme',
    times: 'always',
    effect: { hold: 'before' },
  })
  await Promise.all(people(70).map((email) => world.hire({ email })))
  await until('acme’s runs to take all they may', async () => {
    const running = (await runsOf('acme')).filter(({ state }) => state === 'running')
    return running.length === 58
  })
  for (const email of people(3)) await hireOf(world, 'beta', { email })
  await until('beta’s hires', async () => {
    const found = await runsOf('beta')
    return found.length === 3 && found.every(({ state }) => state === 'done')
  })
  expect((await runsOf('acme')).filter(({ state }) => state === 'done')).toEqual([])
  world.sandbox.faults.remove(hanging.id)
}, 60_000)
