import { afterEach, expect, it } from 'vitest'

import { type DecoratePort, undecorated } from '../../src/app/decorate-ports.ts'
import { startService } from '../../src/app/service.ts'
import { silentLog } from '../../src/observe/log.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
afterEach(() => world.close())

/** Of this process, while the test's own connections are at rest: each of them has one then. */
async function timers(): Promise<number> {
  const { pool } = world.store.database
  await until(
    'the connections to be at rest',
    () => pool.totalCount > 0 && pool.idleCount === pool.totalCount,
  )
  return process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
}

it('a service whose start fails half-way leaves nothing behind that keeps its process alive', async () => {
  world = await openWorld({ service: false })
  const before = await timers()
  let limits = 0
  // The worker, which is opened first, is at work by the time when others ask for limits.
  const decorate: DecoratePort = (name, port) => {
    if (name === 'limits' && ++limits > 1) throw new Error('no memory left')
    return undecorated(name, port)
  }
  await expect(startService(world.config, silentLog, { decorate })).rejects.toThrow('no memory left')
  expect(await timers()).toBeLessThanOrEqual(before)
})
