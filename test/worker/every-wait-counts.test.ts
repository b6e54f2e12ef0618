/** What is never made: how often it is asked for, for how long, and what people are told in the end. */
import { describe, expect, it } from 'vitest'

import { secondsAfter } from '../../src/base/clock.ts'
import { RetryLater } from '../../src/base/failure.ts'
import type { ConnectionId, RunId } from '../../src/base/ids.ts'
import { ensureEffect } from '../../src/effects/ensure.ts'
import type { Lease, Settlement } from '../../src/runs/run.ts'
import { alreadyExists, type Effect } from '../../src/sdk/index.ts'
import { settlementOf } from '../../src/worker/settlement.ts'
import { createMemoryLedger } from '../support/memory/ledger.ts'

const start = new Date('2026-03-02T08:00:00Z')
const name = {
  connection: 'con_1' as ConnectionId,
  kind: 'employee',
  key: 'ada@example.com',
  title: 'Employee in HiBob',
}
const answered500 = new RetryLater('hibob.unavailable', 'hibob answered 500.', {
  kind: 'outage',
  outcome: 'unclear',
})

/** One run after the other about the same thing, each until it ends; time passes as they ask for it. */
function openWorld(effect: Partial<Effect> = {}) {
  let now = start
  let token = 0
  let resumedAt: Date | undefined
  let unfinished = true
  const clock = { now: () => now, sleep: () => Promise.reject(new Error('nobody sleeps')) }
  const ledger = createMemoryLedger(clock, {
    state: () => (unfinished ? 'running' : 'parked'),
    holds: ({ token: held }) => held === String(token),
    resumedAt: () => resumedAt,
  })
  const made: Date[] = []
  const waits: string[] = []
  const whole: Effect = {
    ...name,
    readLagSeconds: 20,
    find: async () => undefined,
    make: async () => {
      made.push(now)
      throw answered500
    },
    ...effect,
  }
  const attempt = (lease: Lease) => ensureEffect({ ledger, clock, lease }, name, whole)

  async function untilItEnds(): Promise<Settlement> {
    let failures = 0
    let firstFailedAt: Date | undefined
    unfinished = true
    for (;;) {
      token += 1
      let error: unknown
      try {
        await attempt({ run: 'run_1' as RunId, token: String(token) })
        return { state: 'done', result: {} }
      } catch (thrown) {
        error = thrown
      }
      const settlement = settlementOf(error, { failures, firstFailedAt }, { now, chance: 0.5 })
      if (settlement.state !== 'waiting') {
        unfinished = false
        return settlement
      }
      waits.push(settlement.reason)
      firstFailedAt ??= now
      if (settlement.kind !== 'unclear') failures += 1
      now = settlement.nextAt
    }
  }
  return {
    made,
    waits,
    untilItEnds,
    seconds: () => (now.getTime() - start.getTime()) / 1000,
    resume: () => {
      now = secondsAfter(now, 3600)
      resumedAt = now
    },
    between: () =>
      made.slice(1).map((at, index) => Math.round((at.getTime() - made[index]!.getTime()) / 1000)),
  }
}

describe('an effect that the destination never makes (W2)', () => {
  it('is asked for nine times, soon and then further and further apart, and parks within 72 hours with what was answered', async () => {
    const world = openWorld()
    const settlement = await world.untilItEnds()
    expect(world.made).toHaveLength(9)
    expect(settlement).toMatchObject({ state: 'parked', code: 'runs.gave_up', resumesOn: 'person' })
    expect(settlement).toMatchObject({
      reason:
        'Employee in HiBob was not made by 9 calls; the last failure was hibob.unavailable: hibob answered 500.',
    })
    expect(world.seconds()).toBeLessThan(72 * 3600)
    const between = world.between()
    // The safety of it: the longest call, and the read lag. A hire waits for at most a minute for each of its first lost answers.
    const [soon, later] = [between.slice(0, 5), between.slice(5)]
    expect(soon.filter((seconds) => seconds < 50 || seconds > 60)).toEqual([])
    expect(later[0]).toBeGreaterThan(500)
    expect(later.toSorted((a, b) => a - b)).toEqual(later)
    expect(later.at(-1)).toBeGreaterThan(20 * 3600)
  })

  it('says at each wait what was answered', async () => {
    const world = openWorld()
    await world.untilItEnds()
    expect(world.waits.length).toBeGreaterThan(6)
    expect(world.waits.filter((reason) => !reason.includes('hibob answered 500.'))).toEqual([])
  })

  it('is asked for nine times more when a person resumes the run', async () => {
    const world = openWorld()
    await world.untilItEnds()
    world.resume()
    expect(await world.untilItEnds()).toMatchObject({ code: 'runs.gave_up' })
    expect(world.made).toHaveLength(18)
  })

  it('is not asked for again by another run of the same person that nobody has resumed', async () => {
    const world = openWorld()
    await world.untilItEnds()
    expect(await world.untilItEnds()).toMatchObject({ code: 'runs.gave_up' })
    expect(world.made).toHaveLength(9)
  })

  it('parks within 72 hours, too, when each search fails as well', async () => {
    const world = openWorld({
      find: async () => {
        throw new RetryLater('hibob.unavailable', 'hibob answered 503.', { kind: 'outage' })
      },
    })
    expect(await world.untilItEnds()).toMatchObject({ code: 'runs.gave_up' })
    expect(world.seconds()).toBeLessThan(73 * 3600)
    expect(world.made).toEqual([])
  })

  it('can be mended in the destination when that said "exists" and showed nothing', async () => {
    let mended = false
    const world = openWorld({ make: async () => (mended ? { id: '77' } : alreadyExists) })
    expect(await world.untilItEnds()).toMatchObject({ code: 'runs.exists_unseen' })
    // The record that stood in the way is gone.
    mended = true
    world.resume()
    expect(await world.untilItEnds()).toMatchObject({ state: 'done' })
  })
})
