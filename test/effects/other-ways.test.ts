/** What a destination clearly refuses may be sent in another way: looked for first, announced each time, a few times only. */
import { describe, expect, it } from 'vitest'

import { NeedsPerson, RetryLater } from '../../src/base/failure.ts'
import type { ConnectionId, RunId } from '../../src/base/ids.ts'
import { ensureEffect } from '../../src/effects/ensure.ts'
import type { Ledger } from '../../src/runs/ports.ts'
import type { Effect, Made } from '../../src/sdk/ensure.ts'
import { createMemoryLedger } from '../support/memory/ledger.ts'

const now = new Date('2026-11-24T12:00:00Z')
const clock = { now: () => now, sleep: () => Promise.reject(new Error('nobody sleeps')) }
const lease = { run: 'run_1' as RunId, token: '1' }
const name = {
  connection: 'con_1' as ConnectionId,
  kind: 'employee',
  key: 'ada@example.com',
  title: 'Employee',
}
const refused = { refused: new NeedsPerson('x.refused', 'Refused.', { fix: 'Look.' }) }
const lost = new RetryLater('x.lost', 'No answer.', { outcome: 'unclear' })

/** Answers in turn, and what happened in which order. */
async function ensured(answers: readonly unknown[], finds: readonly (Made | undefined)[] = []) {
  const happened: string[] = []
  const told =
    <Name extends 'attempt' | 'notMade'>(ledger: Ledger, what: Name): Ledger[Name] =>
    (...given) => {
      happened.push(what)
      return ledger[what](...given)
    }
  const memory = createMemoryLedger(clock, { state: () => 'running', holds: () => true })
  const ledger = { ...memory, attempt: told(memory, 'attempt'), notMade: told(memory, 'notMade') }
  let looks = 0
  let calls = 0
  const effect: Effect = {
    ...name,
    readLagSeconds: 0,
    find: async () => {
      happened.push('find')
      return finds[looks++]
    },
    make: async () => {
      happened.push('make')
      const answer = answers[calls++]
      if (answer instanceof Error) throw answer
      return answer as Made
    },
  }
  const outcome = await ensureEffect({ ledger, clock, lease, callSeconds: 0 }, name, effect).catch(
    (error: unknown) => error,
  )
  return { outcome, happened: happened.join(' ') }
}

const once = 'attempt make notMade find'

describe('what is refused in one way', () => {
  it('is looked for, announced again, and made in the next', async () => {
    const { outcome, happened } = await ensured([refused, { id: '1' }])
    expect(outcome).toEqual({ id: '1', how: 'created', madeNow: true })
    expect(happened).toBe(`find ${once} attempt make`)
  })

  it('is not made where somebody has made it meanwhile', async () => {
    const { outcome, happened } = await ensured([refused], [undefined, { id: '7' }])
    expect(outcome).toEqual({ id: '7', how: 'found' })
    expect(happened).toBe(`find ${once}`)
  })

  it('and in two others fails with the last refusal', async () => {
    const { outcome, happened } = await ensured([refused, refused, refused, { id: '1' }])
    expect(outcome).toBe(refused.refused)
    expect(happened).toBe(`find ${once} ${once} attempt make notMade`)
  })

  it('and unclear in the next is not sent in a third', async () => {
    const { outcome, happened } = await ensured([refused, lost, { id: '1' }])
    expect(outcome).toMatchObject({ code: 'runs.outcome_unclear' })
    expect(happened).toBe(`find ${once} attempt make find`)
  })
})
