import { afterEach, describe, expect, it } from 'vitest'

import { hireEvent } from '../../sandbox/index.ts'
import { expectExactly } from '../support/oracle.ts'
import { resumeCrashed } from '../support/resume-crashed.ts'
import { sendAll } from '../support/send-all.ts'
import { type ServiceProcess, startServiceProcess } from '../support/service-process.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
const processes: ServiceProcess[] = []
afterEach(async () => {
  await Promise.all(processes.splice(0).map((one) => one.kill()))
  await world.close()
})

async function start(env: Readonly<Record<string, string>> = world.env): Promise<ServiceProcess> {
  const started = await startServiceProcess(env)
  processes.push(started)
  return started
}

describe('a killed service (SIGKILL of a real process)', () => {
  it.each([
    ['after create and before it is recorded', 'people.create', 'after'],
    ['while create is under way and not done yet', 'people.create', 'before'],
    ['after the upload and before it is recorded', 'docs.upload', 'after'],
  ] as const)(
    '%s: one employee, one CV, one comment',
    async (_what, operation, hold) => {
      world = await openWorld({ service: false, hibob: { readLagSeconds: 0 } })
      const first = await start()
      const held = world.sandbox.faults.add({ system: 'hibob', operation, effect: { hold } })
      await world.hire({ email: 'ada@example.com' }, { url: first.url })
      await world.sandbox.faults.whenHeld(held.id)
      await first.kill()
      world.sandbox.faults.remove(held.id)
      await start()
      expect(await world.settled(1, 90)).toMatchObject([{ state: 'done' }])
      expectExactly(world, 1)
    },
    120_000,
  )

  it('is taken over by another process within 30 seconds', async () => {
    world = await openWorld({ service: false })
    const first = await start()
    const held = world.sandbox.faults.add({
      system: 'hibob',
      operation: 'people.search',
      effect: { hold: 'before' },
    })
    await world.hire({ email: 'ada@example.com' }, { url: first.url })
    await world.sandbox.faults.whenHeld(held.id)
    await start()
    const killedAt = performance.now()
    await first.kill()
    world.sandbox.faults.remove(held.id)
    expect(await world.settled(1, 60)).toMatchObject([{ state: 'done' }])
    expect((performance.now() - killedAt) / 1000).toBeLessThan(30)
    expectExactly(world, 1)
  }, 90_000)

  it('keeps everything it has acknowledged through twenty kills during two hundred hires', async () => {
    const hires = 200
    world = await openWorld({ service: false, hibob: { readLagSeconds: 0 } })
    world.sandbox.faults.add({ system: 'hibob', every: 1, effect: { delayMs: 15 } })
    let current = await start()
    const sent = Array.from({ length: hires }, (_, index) => {
      const { id, job } = world.sandbox.pinpoint.addApplication({ email: `person-${index}@example.com` })
      return hireEvent(id, job.id)
    })
    const sending = sendAll(world, sent, () => current.url)
    for (let kill = 0; kill < 20; kill++) {
      const until = performance.now() + 100 + Math.random() * 500
      await expect.poll(() => performance.now() > until, { interval: 10 }).toBe(true)
      await current.kill()
      current = await start()
    }
    await sending
    await world.settled(hires, 240)
    await resumeCrashed(world.store)
    const runs = await world.settled(hires, 240)
    expect(runs).toHaveLength(hires)
    expect(runs.filter(({ state }) => state !== 'done')).toEqual([])
    expectExactly(world, hires)
  }, 420_000)

  it('that gets SIGTERM ends by itself and hands back what it cannot finish', async () => {
    world = await openWorld({ service: false, env: { SHUTDOWN_GRACE_SECONDS: '1' } })
    const first = await start()
    const held = world.sandbox.faults.add({
      system: 'hibob',
      operation: 'people.search',
      effect: { hold: 'before' },
    })
    await world.hire({ email: 'ada@example.com' }, { url: first.url })
    await world.sandbox.faults.whenHeld(held.id)
    expect(await first.stop()).toBe(0)
    world.sandbox.faults.remove(held.id)
    await start()
    expect(await world.settled(1, 60)).toMatchObject([{ state: 'done' }])
    expectExactly(world, 1)
  }, 90_000)

  it('writes no personal data and no secret', async () => {
    world = await openWorld({ service: false, env: { LOG_LEVEL: 'debug' } })
    const service = await start()
    world.sandbox.faults.add({ system: 'hibob', operation: 'people.create', effect: { status: 500 } })
    await world.hire(
      { email: 'zebulon.quagmire@example.com', firstName: 'Zebulon', lastName: 'Quagmire' },
      { url: service.url },
    )
    await world.settled(1, 90)
    const output = service.output()
    expect(output).toContain('try ended')
    const secrets = [
      'zebulon',
      'quagmire',
      'hibob-sandbox-token',
      'pinpoint-sandbox-key',
      'test_signing_secret',
      'files/',
    ]
    expect(secrets.filter((text) => output.toLowerCase().includes(text))).toEqual([])
  }, 120_000)
})
