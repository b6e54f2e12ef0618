// A destination that keeps failing is left alone; everything goes on when it answers again.
import { afterEach, describe, expect, it } from 'vitest'

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

const runsOf = (integration: string) => world.store.runs.listRuns({ limit: 200, integration })
const circuitOf = async () => {
  const connection = (await world.store.connections.list('acme')).find(
    ({ integration }) => integration === 'hibob',
  )!
  return (await world.store.throttling.of([connection.id]))(connection.id).circuit
}

describe('a HiBob that answers nothing but 503', () => {
  it('is left alone but for probes, while hires are accepted and other connections go on; then all is done', async () => {
    const log = rememberingLog()
    world = await openWorld({ webhook: true, log, hibob: { readLagSeconds: 0 } })
    const another = await startAnother(world, {}, log)
    const down = world.sandbox.faults.add({ system: 'hibob', effect: { status: 503 }, times: 'always' })
    const hires = 40
    await Promise.all(
      Array.from({ length: hires }, (_, index) => world.hire({ email: `person-${index}@example.com` })),
    )
    // What one of them reads for all fails for all: that is one call.
    await until('all runs to wait and the circuit to open', async () => {
      const waiting = (await runsOf('hibob')).filter(({ state }) => state === 'waiting')
      return waiting.length === hires && (await circuitOf()) !== undefined
    })
    await until('the webhooks to be sent', async () =>
      (await runsOf('webhook')).every(({ state }) => state === 'done'),
    )

    const circuit = await circuitOf()
    expect(circuit).toMatchObject({ destination: 'hibob', code: 'hibob.unavailable' })
    // Nobody has seen a circuit when the first calls were on their way: one each at most, and a probe.
    expect(world.sandbox.faults.list()[0]!.fired).toBeLessThan(hires)
    expect(log.alerts('circuit_opened')).toHaveLength(1)

    const list = await runCommand(['connections', 'list', 'acme'], { env: world.env, here: true })
    expect(list.stdout).toMatch(/acme +hibob +circuit open: hibob answered 503\. .*Next probe in /)
    const shown = await runJson(['connections', 'show', 'acme', 'hibob'], { env: world.env, here: true })
    expect(shown).toMatchObject({ code: 0, data: { circuit: { destination: 'hibob' } } })
    expect(await (await fetch(`${another.adminUrl}/metrics`)).text()).toContain(
      'pinpoint_webhooks_open_circuits 1',
    )

    // Still accepted while it is open; one of them may be the probe.
    for (let late = 0; late < 3; late++) await world.hire({ email: `late-${late}@example.com` })
    const [held] = await until('a run that has made no call to be held', async () => {
      const runs = (await runsOf('hibob')).filter(({ code }) => code === 'runs.circuit_open')
      const untried = runs.filter(({ attempt }) => attempt === 1)
      return untried.length > 0 && untried
    })
    expect(held?.reason).toMatch(/^hibob keeps failing, so this run waits until a probe succeeds\. .*503/)
    world.sandbox.faults.remove(down.id)
    expect((await world.settled(2 * (hires + 3))).every(({ state }) => state === 'done')).toBe(true)
    expectExactly(world, hires + 3)
    expect(await circuitOf()).toBeUndefined()
    expect(log.alerts('circuit_closed')).toHaveLength(1)
    expect(log.alerts('circuit_opened')).toHaveLength(1)
  }, 90_000)

  it('stays open while probes fail, each later than the one before', async () => {
    world = await openWorld()
    world.sandbox.faults.add({ system: 'hibob', effect: { status: 503 }, times: 'always' })
    for (let index = 0; index < 12; index++) await world.hire({ email: `person-${index}@example.com` })
    const first = await until('the first probe', async () => {
      const circuit = await circuitOf()
      return circuit !== undefined && circuit.probes >= 1 && circuit
    })
    expect(first.nextProbeAt.getTime() - first.openedAt.getTime()).toBeGreaterThan(9000)
    expect((await runsOf('hibob')).every(({ state }) => state === 'waiting' || state === 'running')).toBe(
      true,
    )
  }, 60_000)

  it('is tried at once when the connection is changed', async () => {
    world = await openWorld({ hibob: { readLagSeconds: 0 } })
    const down = world.sandbox.faults.add({ system: 'hibob', effect: { status: 503 }, times: 'always' })
    for (let index = 0; index < 12; index++) await world.hire({ email: `person-${index}@example.com` })
    await until('the circuit to open and all to wait', async () => {
      const waiting = (await runsOf('hibob')).filter(({ state }) => state === 'waiting')
      return waiting.length === 12 && (await circuitOf()) !== undefined
    })
    world.sandbox.faults.remove(down.id)
    await world.apply({ hibob: { readLagSeconds: 1 } })
    await until('the circuit to close', async () => (await circuitOf()) === undefined)
    expect((await world.settled(12, 10)).every(({ state }) => state === 'done')).toBe(true)
  }, 60_000)
})
