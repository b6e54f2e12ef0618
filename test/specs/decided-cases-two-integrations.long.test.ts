/** One hire, HiBob and a signed webhook: each run has its own fate, and neither holds the other up. */
import { afterEach, describe, expect, it } from 'vitest'

import { resumeRun, type RunView } from '../../src/operator/operate.ts'
import { expectExactly } from '../support/oracle.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
afterEach(() => world.close())

const runOf = async (integration: string): Promise<RunView | undefined> => {
  const [newest] = await world.store.runs.listRuns({ integration, limit: 1 })
  return newest
}
const runIn = (integration: string, state: RunView['state']) =>
  until(`the run of ${integration} to be ${state}`, async () => {
    const run = await runOf(integration)
    return run?.state === state && run
  })

describe('while the receiver of the webhook is down', () => {
  it.each([
    ['answers 503', { status: 503, at: 'after' }],
    ['takes it and cuts the connection', { cut: 'after' }],
  ] as const)(
    'and %s, HiBob is done in its own time and the webhook when the receiver is up again (case 31)',
    async (_what, effect) => {
      world = await openWorld({ webhook: true })
      const down = world.sandbox.faults.add({ system: 'receiver', effect, times: 'always' })
      await world.hire({ email: 'ada@example.com' })

      expect(await runIn('hibob', 'done')).toMatchObject({ attempt: 1, result: { did: 'created' } })
      expectExactly(world, 1)
      const waiting = await runIn('webhook', 'waiting')
      expect(waiting.code).toMatch(/^webhook\./)
      expect(Date.parse(waiting.nextAt ?? '') - Date.parse(waiting.updatedAt)).toBeLessThan(10_000)

      world.sandbox.faults.remove(down.id)
      const runs = await world.settled(2)
      expect(runs.map(({ state }) => state)).toEqual(['done', 'done'])
      expectExactly(world, 1)
      const { counts, deliveries } = world.sandbox.ledger()
      // Every try came under one id, so the receiver knows a repetition: at least once means once for it.
      expect([counts.deliveries, new Set(deliveries.map(({ id }) => id)).size]).toEqual([1, 1])
    },
  )
})

it('a hire for both is read from Pinpoint once', async () => {
  world = await openWorld({ webhook: true })
  await world.hire()
  expect((await world.settled(2)).map(({ state }) => state)).toEqual(['done', 'done'])
  expect(world.sandbox.calls.count('pinpoint', 'applications.get')).toBe(1)
  expect(world.sandbox.calls.count('pinpoint', 'jobs.get')).toBe(0)
})

describe('a receiver that', () => {
  it('redirects is tried again, and is not followed', async () => {
    world = await openWorld({ webhook: true })
    const location = `${world.sandbox.url}/receiver/elsewhere`
    world.sandbox.receivers.addReceiver({ name: 'elsewhere' })
    world.sandbox.faults.add({
      system: 'receiver',
      account: 'default',
      effect: { status: 308, headers: { location } },
    })
    await world.hire()
    const waiting = await runIn('webhook', 'waiting')
    expect(waiting).toMatchObject({ code: 'webhook.refused', attempt: 1 })
    expect(waiting.reason).toContain('308. Redirects are not followed: set the final address as `url`.')
    expect(waiting.reason).not.toContain('elsewhere')

    await resumeRun(world.store.runs, waiting.id)
    expect((await world.settled(2)).map(({ state }) => state)).toEqual(['done', 'done'])
    expect(world.sandbox.ledger().deliveries).toMatchObject([{ receiver: 'default', verified: true }])
  })

  it('says that it is gone is sent nothing more until the address is another one; HiBob goes on', async () => {
    world = await openWorld({ webhook: true })
    world.sandbox.faults.add({ system: 'receiver', account: 'default', effect: { status: 410 } })
    await world.hire({ email: 'ada@example.com' })
    const parked = await runIn('webhook', 'parked')
    expect(parked).toMatchObject({ code: 'webhook.endpoint_gone' })
    expect(parked.fix).toMatch(/^Set the `url` of the connection to the new endpoint/)

    await world.hire({ email: 'grace@example.com' })
    const runs = await world.settled(4)
    const told = runs.map(({ integration, state, code }) => `${integration} ${state} ${code ?? ''}`.trim())
    expect(told.sort()).toEqual([
      'hibob done',
      'hibob done',
      'webhook parked webhook.endpoint_gone',
      'webhook parked webhook.endpoint_gone',
    ])
    expectExactly(world, 2)
    expect(world.sandbox.calls.count('receiver', 'deliver')).toBe(1)

    world.sandbox.receivers.addReceiver({ name: 'moved' })
    await world.apply({ webhook: { path: '/receiver/moved' } })
    expect((await world.settled(4)).every(({ state }) => state === 'done')).toBe(true)
    expect(world.sandbox.ledger().deliveries).toMatchObject([{ receiver: 'moved' }, { receiver: 'moved' }])
    expectExactly(world, 2)
  })
})
