/** Many people are hired at once while every tenth answer of HiBob is a 500 and every twentieth is cut after the effect. */
import { expect, onTestFinished } from 'vitest'

import { isFinished } from '../../src/runs/run.ts'
import { expectExactly } from '../support/oracle.ts'
import { until } from '../support/until.ts'
import { withoutCv } from '../support/without-cv.ts'
import { openWorld, type World } from '../support/world.ts'

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

/** `patienceMs`: a run that waits longer than that is resumed, as a person might do. */
export async function manyHires(hires: number, patienceMs: number): Promise<void> {
  const people = Array.from({ length: hires }, (_, index) => ({
    email: `person-${index}@example.com`,
    lastName: `Example${letters(index)}`,
  }))
  const world = await openWorld({ hibob: { readLagSeconds: 0 } })
  onTestFinished(() => world.close())
  world.sandbox.faults.add({ system: 'hibob', every: 20, effect: { cut: 'after' } })
  world.sandbox.faults.add({ system: 'hibob', every: 10, effect: { status: 500 } })
  const { hibob } = world.sandbox
  for (const email of taken) hibob.addEmployee({ email, firstName: 'Jane', surname: lastName })
  for (const email of leavers)
    hibob.addEmployee({ email, firstName: 'Omar', surname: lastName, status: 'Inactive' })
  await Promise.all([...people, ...dangerous].map((person) => world.hire(person)))
  const all = hires + dangerous.length
  await until('all that wait for long to be resumed', () => resumedLate(world, all, patienceMs), 300)
  const runs = await world.settled(all)
  const left = runs.filter(({ state }) => state !== 'done').map(({ state, code }) => `${state} ${code ?? ''}`)
  // Of a couple whoever came first is done; of the others a person has to say whose record it is.
  expect(
    Object.fromEntries([...Map.groupBy(left, (one) => one)].map(([one, those]) => [one, those.length])),
  ).toEqual({
    'parked hibob.other_employee': 2 * some,
    'parked hibob.former_employee': some,
    'parked hibob.internal_candidate': some,
  })
  expectExactly(world, hires + some, { documents: hires + some - withoutCv(runs) })
  expect(world.sandbox.faults.list().every(({ fired }) => fired > hires / 10)).toBe(true)
}

/** Whom a fault has met three times over waits for minutes before the next call that makes something, unless somebody resumes the run. */
async function resumedLate({ store }: World, count: number, patienceMs: number): Promise<boolean> {
  const runs = await store.runs.listRuns({ limit: 10_000 })
  for (const { id, state, nextAt } of runs)
    if (state === 'waiting' && nextAt !== null && Date.parse(nextAt) > Date.now() + patienceMs)
      await store.runs.queueAgain(id, ['waiting'])
  return runs.length >= count && runs.every(({ state }) => isFinished(state) || state === 'parked')
}

/** HiBob refuses names with digits. */
function letters(index: number): string {
  return String(index).replaceAll(/\d/g, (digit) => 'abcdefghij'.charAt(Number(digit)))
}
