/** What many hires cost in calls together. */
import { afterEach, describe, expect, it } from 'vitest'

import { expectExactly } from '../support/oracle.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
afterEach(() => world.close())

const hires = 200

describe(`${hires} hires on five jobs cost at most 2.1 calls to Pinpoint each`, () => {
  it.each([
    ['where all comes along', [], 2],
    ['where the job does not', ['job'], 2.1],
  ] as const)(
    '%s',
    async (_what, refusedIncludes, most) => {
      world = await openWorld()
      world.sandbox.pinpoint.addTenant({ subdomain: 'acme', refusedIncludes: [...refusedIncludes] })
      await Promise.all(
        Array.from({ length: hires }, (_, at) => world.hire({ job: { title: `Engineer ${at % 5}` } })),
      )
      await world.settled(hires, 120)
      expectExactly(world, hires)
      const { calls } = world.sandbox
      const made = calls.list({ system: 'pinpoint' }).length
      process.stdout.write(`${made / hires} calls to Pinpoint a hire\n`)
      expect(made / hires).toBeLessThanOrEqual(most)
      expect(calls.list({ system: 'hibob' }).length / hires).toBeLessThanOrEqual(3.1)
    },
    180_000,
  )
})

it('a comment whose call was announced is looked for in the list, not in what came along', async () => {
  world = await openWorld()
  const { faults, calls } = world.sandbox
  faults.add({ system: 'pinpoint', operation: 'comments.create', effect: { cut: 'after' } })
  // The look right after the lost answer sees nothing yet.
  const nothing = { status: 200, body: { data: [], meta: { stats: { total: { count: 0 } } } } }
  faults.add({ system: 'pinpoint', operation: 'comments.list', effect: nothing })
  await world.hire()
  expect(await world.settled(1, 120)).toMatchObject([{ state: 'done' }])
  expect(calls.count('pinpoint', 'comments.list')).toBe(2)
  expectExactly(world, 1)
}, 150_000)
