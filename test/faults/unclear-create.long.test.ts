// One hire whose create has no clear answer: it is waited out, which takes its time.
import { describe, expect, it } from 'vitest'

import { expectExactly } from '../support/oracle.ts'
import { inWorld } from '../support/world.ts'

// Both wait half a minute, and so they do it at once.
describe.concurrent('one hire is one employee, one CV and one comment', () => {
  it(
    'when create is cut before it was done',
    () =>
      inWorld({ hibob: { readLagSeconds: 0 } }, async (world) => {
        world.sandbox.faults.add({ system: 'hibob', operation: 'people.create', effect: { cut: 'before' } })
        await world.hire({ email: 'ada@example.com' })
        expect(await world.settled(1, 90)).toMatchObject([{ state: 'done' }])
        expect(world.sandbox.faults.list()).toMatchObject([{ fired: 1 }])
        expectExactly(world, 1)
      }),
    120_000,
  )

  it(
    'when the answer to create is lost and search does not show the employee yet',
    () =>
      inWorld({ hibob: { readLagSeconds: 2 } }, async (world) => {
        world.sandbox.hibob.addCompany({ name: 'acme', readLagMs: 1500 })
        world.sandbox.faults.add({ system: 'hibob', operation: 'people.create', effect: { cut: 'after' } })
        await world.hire({ email: 'ada@example.com' })
        expect(await world.settled(1, 90)).toMatchObject([{ state: 'done', result: { how: 'adopted' } }])
        expectExactly(world, 1)
        expect(world.sandbox.ledger().calls['hibob people.create 200'] ?? 0).toBeLessThanOrEqual(1)
      }),
    120_000,
  )
})
