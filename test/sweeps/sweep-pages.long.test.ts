// Lists of many pages, with the pause of a sweep between two calls: the sweeps of all tests pause at once.
import { describe, expect, it } from 'vitest'

import type { World } from '../support/world.ts'
import { addMissed, openToSweep, sweepAcme } from './missed-hires.ts'

async function sweeping(play: (world: World) => Promise<void>): Promise<void> {
  const world = await openToSweep()
  try {
    await play(world)
  } finally {
    await world.close()
  }
}

describe.concurrent('a sweep', () => {
  it(
    'reads page after page, and hundreds that were changed in the same second',
    () =>
      sweeping(async (world) => {
        for (let index = 0; index < 1050; index++) addMissed(world)
        expect(await sweepAcme(world, '--yes')).toMatchObject({
          json: { state: 'done', seen: 1050, missing: 1050, runs: 1050 },
        })
        const events = await world.store.runs.listEvents({ limit: 10_000 })
        expect(new Set(events.map(({ subject }) => subject)).size).toBe(1050)
      }),
    60_000,
  )

  it.each([true, false])(
    'finds everybody in a list that gives fewer than it is asked for (W8; counted: %j)',
    (countsTotals) =>
      sweeping(async (world) => {
        world.sandbox.pinpoint.addTenant({ subdomain: 'acme', mostPerPage: 100, countsTotals })
        for (let index = 0; index < 150; index++) addMissed(world)
        expect(await sweepAcme(world)).toMatchObject({ json: { state: 'done', seen: 150, missing: 150 } })
      }),
    60_000,
  )
})
