import { afterEach, expect, it } from 'vitest'

import { startService } from '../../src/app.ts'
import { silentLog } from '../../src/observe/log.ts'
import { type Around, nothingAround } from '../../src/seams.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
afterEach(() => world.close())

const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length

it('a service whose start fails half-way leaves nothing behind that keeps its process alive', async () => {
  world = await openWorld({ service: false })
  const before = timers()
  let limits = 0
  // The worker, which is opened first, is at work by the time when others ask for limits.
  const around: Around = (name, port) => {
    if (name === 'limits' && ++limits > 1) throw new Error('no memory left')
    return nothingAround(name, port)
  }
  await expect(startService(world.config, silentLog, { around })).rejects.toThrow('no memory left')
  expect(timers()).toBeLessThanOrEqual(before)
})
