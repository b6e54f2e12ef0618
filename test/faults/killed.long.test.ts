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

  it('writes no personal data and no secret (case 61)', async () => {
    world = await openWorld({ service: false, env: { LOG_LEVEL: 'debug' } })
    const service = await start()
    world.sandbox.faults.add({ system: 'hibob', operation: 'people.create', effect: { status: 500 } })
    await world.hire(
      { email: 'zebulon.quagmire@example.com', firstName: 'Zebulon', lastName: 'Quagmire' },
      { url: service.url },
    )
    await world.settled(1, 90)
    const output = service.output()
    expect(output).toContain('attempt ended')
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
