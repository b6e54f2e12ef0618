// What somebody gets who sets nothing: many slots, and still few bytes of files and few connections.
import { AsyncLocalStorage } from 'node:async_hooks'

import { afterEach, expect, it } from 'vitest'

import { hireEvent } from '../../sandbox/index.ts'
import type { DecoratePort, Ports } from '../../src/app/decorate-ports.ts'
import { type Service, startService } from '../../src/app/service.ts'
import { silentLog } from '../../src/observe/log.ts'
import { mostHeldByOne } from '../../src/worker/held-files.ts'
import { expectExactly } from '../support/oracle.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
let service: Service
afterEach(async () => {
  await service.close()
  await world.close()
})

async function hireMany(count: number, seed: object): Promise<void> {
  const hire = async (number: number) => {
    const { id, job } = world.sandbox.pinpoint.addApplication({
      email: `person-${number}@example.com`,
      ...seed,
    })
    await world.send(hireEvent(id, job.id), { url: service.url })
  }
  await Promise.all(Array.from({ length: count }, (_, number) => hire(number)))
}

/** What the attempts of this service hold of files, from the end of a download to the end of the attempt. */
function heldBytes() {
  const attempts = new AsyncLocalStorage<{ bytes: number }>()
  let now = 0
  let most = 0
  let atOnce = 0
  let mostAtOnce = 0
  const wrappers: { readonly [Name in keyof Ports]?: (port: Ports[Name]) => Ports[Name] } = {
    perform: (perform) => (run) => {
      const mine = { bytes: 0 }
      mostAtOnce = Math.max(mostAtOnce, ++atOnce)
      return attempts
        .run(mine, () => perform(run))
        .finally(() => {
          now -= mine.bytes
          atOnce--
        })
    },
    outbound: (outbound) => ({
      ...outbound,
      async download(url, options) {
        const file = await outbound.download(url, options)
        const bytes = file === 'too_large' ? 0 : file.bytes.byteLength
        const attempt = attempts.getStore()
        if (attempt !== undefined) attempt.bytes += bytes
        now += bytes
        most = Math.max(most, now)
        return file
      },
    }),
  }
  const decorate: DecoratePort = (name, port) => wrappers[name]?.(port) ?? port
  return { decorate, most: () => most, mostAtOnce: () => mostAtOnce }
}

it('200 hires at once with CVs of 5 MB, which is the most that HiBob takes, hold no more of them than is set aside, in as many slots as there are', async () => {
  const hires = 200
  world = await openWorld({ service: false })
  const slow = { system: 'hibob', operation: 'people.search', every: 1, effect: { delayMs: 2000 } } as const
  world.sandbox.faults.add(slow)
  const held = heldBytes()
  service = await startService(world.config, silentLog, { decorate: held.decorate })
  await hireMany(hires, { cv: { sizeBytes: 5_000_000 } })
  await world.settled(hires, 240)
  expectExactly(world, hires)
  expect(held.most()).toBeGreaterThan(mostHeldByOne / 2)
  expect(held.most()).toBeLessThanOrEqual(mostHeldByOne)
  expect(held.mostAtOnce()).toBeGreaterThan(20)
}, 300_000)

it('all slots can share two connections to the database: none waits for a second one while it has one', async () => {
  const hires = 100
  world = await openWorld({ service: false })
  const decorate: DecoratePort = (name, port) => {
    if (name === 'database') (port as Ports['database']).pool.options.max = 2
    return port
  }
  service = await startService(world.config, silentLog, { decorate })
  await hireMany(hires, {})
  await world.settled(hires, 120)
  expectExactly(world, hires)
}, 180_000)
