import { afterEach, describe, expect, it } from 'vitest'

import { isFinished } from '../../src/runs/run.ts'
import { expectExactly } from '../support/oracle.ts'
import { until } from '../support/until.ts'
import { withoutCv } from '../support/without-cv.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
afterEach(() => world.close())

const hires = 200
const people = Array.from({ length: hires }, (_, index) => ({
  email: `person-${index}@example.com`,
  lastName: `Example${letters(index)}`,
}))
/** Of each kind of people who can be taken for others. */
const some = 5
const lastName = 'Sample'
const addresses = (what: string) => Array.from({ length: some }, (_, index) => `${what}-${index}@example.com`)
const taken = addresses('taken')
const leavers = addresses('leaver')
const dangerous = [
  ...addresses('couple').flatMap((email) => [
    { email, lastName, firstName: 'Omar' },
    { email, lastName, firstName: 'Jane' },
  ]),
  ...[...taken, ...leavers].map((email) => ({ email, lastName, firstName: 'Omar' })),
  ...addresses('internal').map((email) => ({ email, lastName, firstName: 'Omar', internalCandidate: true })),
]

describe(`${hires} hires at once`, () => {
  it('while every tenth answer of HiBob is a 500 and every twentieth is cut after the effect', async () => {
    world = await openWorld({ hibob: { readLagSeconds: 0 } })
    world.sandbox.faults.add({ system: 'hibob', every: 20, effect: { cut: 'after' } })
    world.sandbox.faults.add({ system: 'hibob', every: 10, effect: { status: 500 } })
    const { hibob } = world.sandbox
    for (const email of taken) hibob.addEmployee({ email, firstName: 'Jane', surname: lastName })
    for (const email of leavers)
      hibob.addEmployee({ email, firstName: 'Omar', surname: lastName, status: 'Inactive' })
    await Promise.all([...people, ...dangerous].map((person) => world.hire(person)))
    await until(
      'all that wait for long to be resumed',
      () => resumedLate(world, hires + dangerous.length),
      300,
    )
    const runs = await world.settled(hires + dangerous.length)
    const left = runs
      .filter(({ state }) => state !== 'done')
      .map(({ state, code }) => `${state} ${code ?? ''}`)
    // Of a couple whoever came first is done; of the others a person has to say whose record it is.
    expect(
      Object.fromEntries([...Map.groupBy(left, (one) => one)].map(([one, all]) => [one, all.length])),
    ).toEqual({
      'parked hibob.other_employee': 2 * some,
      'parked hibob.former_employee': some,
      'parked hibob.internal_candidate': some,
    })
    expectExactly(world, hires + some, { documents: hires + some - withoutCv(runs) })
    expect(world.sandbox.faults.list().every(({ fired }) => fired > 20)).toBe(true)
  }, 330_000)
})

/** Whom a fault has met three times over waits for minutes before the next call that makes something, unless somebody resumes the run. */
async function resumedLate({ store }: World, count: number): Promise<boolean> {
  const runs = await store.runs.listRuns({ limit: 10_000 })
  for (const { id, state, nextAt } of runs)
    if (state === 'waiting' && nextAt !== null && Date.parse(nextAt) > Date.now() + 90_000)
      await store.runs.queueAgain(id, ['waiting'])
  return runs.length >= count && runs.every(({ state }) => isFinished(state) || state === 'parked')
}

/** HiBob refuses names with digits. */
function letters(index: number): string {
  return String(index).replaceAll(/\d/g, (digit) => 'abcdefghij'.charAt(Number(digit)))
}
