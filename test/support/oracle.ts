/** What must hold in the outside world, whatever has failed in between. */
import { expect } from 'vitest'

import type { World } from './world.ts'

/** So many employees, CVs and comments, none of them twice or on somebody else's record, and no API key where it does not belong. */
export function expectExactly(
  world: Pick<World, 'sandbox'>,
  hires: number,
  counts: { readonly documents?: number; readonly comments?: number; readonly decidedTwins?: number } = {},
): void {
  const ledger = world.sandbox.ledger()
  expect(ledger.twins).toEqual({ employees: ledger.twins.employees, documents: [], comments: [] })
  // Two records that a person has decided to leave, of somebody who the sandbox knows to be one.
  expect(ledger.twins.employees).toHaveLength(counts.decidedTwins ?? 0)
  expect(ledger.wrongPerson).toEqual({ employees: [], documents: [], comments: [] })
  expect(ledger.counts).toMatchObject({
    employees: hires,
    documents: counts.documents ?? hires,
    comments: counts.comments ?? hires,
    leaks: 0,
  })
}
