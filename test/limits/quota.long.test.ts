// M6: a tenant whose Pinpoint sends webhooks without end takes nothing away from the others, and loses nothing.
import { afterEach, expect, it } from 'vitest'

import { expectExactly } from '../support/oracle.ts'
import { type ServiceProcess, startServiceProcess } from '../support/service-process.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'
import { addTenant, hireOf } from './two-tenants.ts'

const quota = 10
const beyond = 15

let world: World
const processes: ServiceProcess[] = []
afterEach(async () => {
  await Promise.all(processes.splice(0).map((one) => one.kill()))
  await world.close()
})

async function start(): Promise<ServiceProcess> {
  const started = await startServiceProcess(world.env)
  processes.push(started)
  return started
}

const runsOf = (tenant: string) => world.store.runs.listRuns({ limit: 500, tenant })
const people = (count: number, name: string) =>
  Array.from({ length: count }, (_, index) => `${name}-${index}@example.com`)

async function metric({ adminUrl }: ServiceProcess, name: string): Promise<number> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text()
  return Number(new RegExp(`^pinpoint_webhooks_${name} (\\S+)$`, 'm').exec(text)?.[1])
}

async function notice({ url }: ServiceProcess): Promise<string | undefined> {
  const { notices } = (await (await fetch(`${url}/readyz`)).json()) as {
    readonly notices: readonly { readonly name: string; readonly problem: string }[]
  }
  return notices.find(({ name }) => name === 'quotas')?.problem
}

it('M6: what is beyond its quota waits, also over a crash; a hire of another tenant does not; in the end all is done, once', async () => {
  world = await openWorld({
    service: false,
    hibob: { readLagSeconds: 0 },
    env: { TENANT_UNFINISHED_RUNS: String(quota) },
  })
  await addTenant(world, 'beta')
  const { faults } = world.sandbox
  const hanging = faults.add({
    system: 'hibob',
    account: 'acme',
    times: 'always',
    effect: { hold: 'before' },
  })
  const first = await start()
  for (const email of people(quota, 'first')) await world.hire({ email }, first)
  const line = 'a tenant is over its quota'
  await until('the log to tell of it', async () => first.output().includes(line))
  for (const email of people(beyond, 'beyond')) await world.hire({ email }, first)
  await until('all that is beyond to be deferred', async () => {
    return (await metric(first, 'deferred_events')) === beyond
  })
  expect(first.output().split(line)).toHaveLength(2)

  await hireOf(world, 'beta', { email: 'grace@example.com', url: first.url })
  await until('beta’s hire', async () => (await runsOf('beta'))[0]?.state === 'done')
  expect(await runsOf('acme')).toHaveLength(quota)
  expect(await metric(first, 'tenants_over_quota')).toBe(1)
  await until('none of it to be counted in the inbox', async () => {
    return (await metric(first, 'oldest_inbox_event_seconds')) === 0
  })
  expect(await notice(first)).toContain(`${beyond} acknowledged events of acme begin later`)

  await first.kill()
  faults.remove(hanging.id)
  const second = await start()
  await until('all of acme’s hires', async () => {
    const runs = await runsOf('acme')
    return runs.length === quota + beyond && runs.every(({ state }) => state === 'done')
  })
  expectExactly(world, quota + beyond + 1)
  expect(await world.store.runs.listEvents({ limit: 500, tenant: 'acme' })).toHaveLength(quota + beyond)
  await until('nothing to be told of any more', async () => (await notice(second)) === undefined)
}, 120_000)
