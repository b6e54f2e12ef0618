/** Hosts, or something in front of them, that compress what they answer though nobody asked. */
import { afterEach, expect, it } from 'vitest'

import { systems } from '../../sandbox/faults.ts'
import { expectExactly } from '../support/oracle.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
afterEach(() => world.close())

it.each([
  ['and say so', 'gzip'],
  ['and do not say so', 'gzip unsaid'],
] as const)(
  'a hire is done though all answers and the CV come compressed (W12, W13), %s',
  async (_, packed) => {
    world = await openWorld()
    for (const system of systems) {
      world.sandbox.faults.add({ system, times: 'always', effect: { packed } })
    }
    await world.hire({ email: 'ada@example.com' })
    const [run] = await world.settled(1)
    expect(run).toMatchObject({ state: 'done', result: { did: 'created', warnings: [] } })
    expectExactly(world, 1)
  },
)
