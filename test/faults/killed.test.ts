import { afterEach, describe, expect, it } from 'vitest'

import { expectExactly } from '../support/oracle.ts'
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
    '%s: one employee, one CV, one comment (cases 26, 29)',
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

  it('is taken over by another process within 30 seconds (case 26)', async () => {
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
})
