/** What somebody else has keeps it from being made: nothing is made, unless our own memory knows whose it is. */
import { describe, expect, it } from 'vitest'

import { type Clock, secondsAfter } from '../../src/base/clock.ts'
import { NeedsPerson, RetryLater } from '../../src/base/failure.ts'
import type { ConnectionId, RunId } from '../../src/base/ids.ts'
import { type EnsureDeps, ensureEffect } from '../../src/effects/ensure.ts'
import { locate } from '../../src/effects/locate.ts'
import { alreadyExists, type Effect } from '../../src/sdk/ensure.ts'
import { createMemoryLedger } from '../support/memory/ledger.ts'

const start = new Date('2026-03-02T08:00:00Z')
const name = {
  connection: 'con_1' as ConnectionId,
  kind: 'employee',
  key: 'a@example.com',
  title: 'Employee',
}
const occupied = { occupied: new NeedsPerson('x.taken', 'Somebody else has it.', { fix: 'Look.' }) }
const unclear = new RetryLater('x.down', 'No answer.', { outcome: 'unclear' })
const never: Effect['make'] = () => Promise.reject(new Error('nothing is to be made'))

function world() {
  let now = start
  const clock: Clock = { now: () => now, sleep: () => Promise.reject(new Error('nobody sleeps')) }
  const ledger = createMemoryLedger(clock, {
    state: () => 'running',
    holds: () => true,
    subject: () => '9000001',
    decisionBefore: () => now,
  })
  const lease = { run: 'run_1' as RunId, token: '1' }
  return {
    later: (seconds: number) => (now = secondsAfter(now, seconds)),
    ensure: (effect: Partial<Effect>, deps: Partial<EnsureDeps> = {}) =>
      ensureEffect({ ledger, clock, lease, application: '9000001', ...deps }, name, {
        ...{
          ...name,
          readLagSeconds: 20,
          findById: async (id) => ({ id }),
          find: async () => occupied,
          make: never,
        },
        ...effect,
      }),
  }
}

describe('What is occupied', () => {
  it('is not made', async () => {
    await expect(world().ensure({})).rejects.toBe(occupied.occupied)
  })

  it('is theirs where our comment says so', async () => {
    const madeBefore = async () => ({ id: '7', how: 'adopted' as const })
    expect(await world().ensure({}, { madeBefore })).toEqual({ id: '7', how: 'adopted' })
  })

  it('is theirs where the ledger has it for the application under another key', async () => {
    const { ensure } = world()
    const clock: Clock = { now: () => start, sleep: () => Promise.reject(new Error('nobody sleeps')) }
    const deps = { clock, application: '9000001' }
    const elsewhere = { record: { id: '7', how: 'created' as const }, at: 0, ago: 60 }
    const effect = { ...name, readLagSeconds: 20, find: async () => occupied, make: never }
    const findById = async (id: string) => ({ id })
    expect(await locate({ ...deps, elsewhere }, undefined, { ...effect, findById })).toMatchObject({
      id: '7',
    })
    await expect(ensure({})).rejects.toBe(occupied.occupied)
  })

  it('is not made either when a person has a new one made: it cannot be', async () => {
    const decision = { decision: { is: 'make_again' as const }, before: start.getTime() / 1000 + 60 }
    await expect(world().ensure({}, { decision })).rejects.toBe(occupied.occupied)
  })

  it('by another while it was made is said at once, and again', async () => {
    const { ensure, later } = world()
    let seen = false
    const find = async () => (seen ? occupied : undefined)
    const make: Effect['make'] = async () => {
      seen = true
      return alreadyExists
    }
    await expect(ensure({ find, make })).rejects.toBe(occupied.occupied)
    later(600)
    await expect(ensure({ find })).rejects.toBe(occupied.occupied)
  })

  it('after a call without an answer is waited out, for not everything of it may show yet', async () => {
    const { ensure, later } = world()
    let shows: 'nobody' | 'occupied' | 'theirs' = 'nobody'
    const find = async () => (shows === 'theirs' ? { id: '7' } : shows === 'occupied' ? occupied : undefined)
    const make = async () => {
      shows = 'occupied'
      throw unclear
    }
    await expect(ensure({ find, make })).rejects.toMatchObject({ code: 'runs.outcome_unclear' })
    await expect(ensure({ find })).rejects.toMatchObject({ code: 'runs.outcome_unclear' })
    later(51)
    await expect(ensure({ find })).rejects.toBe(occupied.occupied)
    shows = 'theirs'
    expect(await ensure({ find })).toEqual({ id: '7', how: 'adopted' })
  })
})
