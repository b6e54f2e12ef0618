/** What `ensure` does of a record whose key has changed since: an e-mail that somebody has corrected. */
import { beforeEach, expect, it } from 'vitest'

import { type Clock, secondsAfter } from '../../src/base/clock.ts'
import { RetryLater } from '../../src/base/failure.ts'
import type { ConnectionId, RunId } from '../../src/base/ids.ts'
import { ensureEffect } from '../../src/effects/ensure.ts'
import type { ClaimedDecision, RunState } from '../../src/runs/run.ts'
import type { Effect } from '../../src/sdk/ensure.ts'
import { createMemoryLedger, type MemoryLedger } from '../support/memory/ledger.ts'

const start = new Date('2026-03-02T08:00:00Z')
let now: Date
let states: Map<string, RunState>
let decisionBefore: Date | undefined
/** What the destination has, by its e-mail. */
let made: Map<string, string>
let ledger: MemoryLedger
beforeEach(() => {
  now = start
  decisionBefore = undefined
  states = new Map([
    ['run_1', 'running'],
    ['run_2', 'running'],
  ])
  made = new Map()
  ledger = createMemoryLedger(clock, {
    state: (id) => states.get(id),
    holds: () => true,
    subject: () => '9000001',
    decisionBefore: () => decisionBefore,
  })
})
const clock: Clock = { now: () => now, sleep: () => Promise.reject(new Error('nobody sleeps')) }

const unclear = new RetryLater('x.down', 'No answer.', { outcome: 'unclear' })
/** One run's effect for one e-mail. */
function ensure([run, email]: readonly [string, string], make: Effect['make'], decision?: ClaimedDecision) {
  const name = { connection: 'con_1' as ConnectionId, kind: 'employee', key: email, title: 'Employee' }
  const find = async () => (made.has(email) ? { id: made.get(email)! } : undefined)
  const findById = async (id: string) => ([...made.values()].includes(id) ? { id } : undefined)
  const lease = { run: run as RunId, token: run, revision: '' }
  return ensureEffect({ ledger, clock, lease, application: '9000001', decision }, name, {
    ...name,
    readLagSeconds: 20,
    find,
    findById,
    make,
  })
}
const never: Effect['make'] = () => Promise.reject(new Error('nothing is to be made'))
const makes = (email: string, id: string) => async () => {
  made.set(email, id)
  return { id }
}
const neverAnswered: Effect['make'] = () => Promise.reject(unclear)
const later = (seconds: number) => (now = secondsAfter(now, seconds))
const makeAgain = (before: Date): ClaimedDecision => ({
  decision: { is: 'make_again' },
  before: before.getTime() / 1000,
})

it('the record that an earlier run has made is taken, and stands under the new key then', async () => {
  await ensure(['run_1', 'a@example.com'], makes('a@example.com', '77'))
  states.set('run_1', 'cancelled')
  expect(await ensure(['run_2', 'b@example.com'], never)).toEqual({ id: '77', how: 'adopted' })
  made.clear()
  expect(await ensure(['run_2', 'b@example.com'], never)).toEqual({ id: '77', how: 'adopted' })
})

it('a run that is about to make it under the old key is waited for, also when its call had no answer', async () => {
  await expect(ensure(['run_1', 'a@example.com'], neverAnswered)).rejects.toThrow('No answer')
  states.set('run_1', 'waiting')
  later(3600)
  await expect(ensure(['run_2', 'b@example.com'], never)).rejects.toMatchObject({ holder: 'run_1' })
})

it.each(['run_1', 'run_2'])(
  'when %s goes on after a call without an answer, it waits until that is over, and parks for a person',
  async (run) => {
    await expect(ensure(['run_1', 'a@example.com'], neverAnswered)).rejects.toThrow('No answer')
    if (run === 'run_2') states.set('run_1', 'cancelled')
    const waits = { code: 'runs.outcome_unclear', after: secondsAfter(now, 50) }
    await expect(ensure([run, 'b@example.com'], never)).rejects.toMatchObject(waits)
    later(51)
    await expect(ensure([run, 'b@example.com'], never)).rejects.toMatchObject({ code: 'runs.maybe_made' })
    // Who looks and finds nobody has it made.
    const before = (decisionBefore = now)
    later(10)
    const ensured = await ensure([run, 'b@example.com'], makes('b@example.com', '88'), makeAgain(before))
    expect(ensured).toMatchObject({ id: '88', how: 'created' })
  },
)

it('a decision does not count of what was made after it', async () => {
  const before = (decisionBefore = now)
  later(10)
  await ensure(['run_1', 'a@example.com'], makes('a@example.com', '77'))
  states.set('run_1', 'cancelled')
  const ensured = await ensure(['run_2', 'b@example.com'], never, makeAgain(before))
  expect(ensured).toEqual({ id: '77', how: 'adopted' })
})

it('a clear no under the old key keeps nobody from making', async () => {
  const no = () => Promise.reject(new RetryLater('x.no', 'A clear no.'))
  await expect(ensure(['run_1', 'a@example.com'], no)).rejects.toThrow('A clear no')
  states.set('run_1', 'cancelled')
  expect(await ensure(['run_2', 'b@example.com'], makes('b@example.com', '88'))).toMatchObject({
    how: 'created',
  })
})
