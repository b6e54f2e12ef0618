/** Which application a run acts on, which one it expects to become hired, and which one is none. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { secondsAfter } from '../../src/base/clock.ts'
import { Refused, RetryLater } from '../../src/base/failure.ts'
import { assertHired, type Expecting } from '../../src/worker/expected-hire.ts'
import { settlementOf } from '../../src/worker/settlement.ts'
import { hireOf } from '../integrations/a-hire.ts'

const receivedAt = new Date('2026-08-01T10:00:00Z')
const later = (seconds: number) => secondsAfter(receivedAt, seconds)

function expecting(changes: Partial<Expecting> = {}): Expecting {
  return {
    subject: '9000001',
    tenant: { demoHires: false },
    event: { triggeredAt: receivedAt, receivedAt },
    reads: 0,
    now: later(1),
    waits: true,
    ...changes,
  }
}

function thrown(hire: ReturnType<typeof hireOf> | undefined, changes: Partial<Expecting> = {}): unknown {
  try {
    assertHired(hire, expecting(changes))
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

const moved = hireOf({ stageType: 'offer' })
const sample = {
  subject: '1',
  event: { triggeredAt: new Date(1_614_687_278_000), receivedAt },
}

describe('An application that is not shown as hired (W1, F4)', () => {
  it.each([
    ['in another stage', moved, 'is not in a hired stage yet (it is in "offer")'],
    ['not there', undefined, 'does not exist in Pinpoint yet'],
  ])('is expected while its webhook is young: %s', (_, hire, reason) => {
    const error = thrown(hire)
    expect(error).toBeInstanceOf(RetryLater)
    expect(error).toMatchObject({ code: 'pinpoint.not_hired_yet', kind: 'not_yet', after: later(6) })
    expect((error as RetryLater).message).toContain(reason)
    expect((error as RetryLater).message).toContain('reads it again until 2026-08-01T10:15:00.000Z')
  })

  it('is read eight times: after seconds, then minutes, the last time after 15 minutes; then refused', () => {
    const moments: number[] = []
    let now = receivedAt
    for (let reads = 0; ; reads++) {
      moments.push((now.getTime() - receivedAt.getTime()) / 1000)
      const error = thrown(moved, { reads, now })
      if (!(error instanceof RetryLater)) {
        expect(error).toMatchObject({ code: 'pinpoint.not_hired' })
        expect((error as Refused).message).toContain('after 8 reads in the 15 minutes since its webhook')
        break
      }
      now = error.after ?? now
    }
    expect(moments).toEqual([0, 5, 20, 65, 200, 500, 800, 900])
  })

  it('is waited for whatever the moment and the count, and never longer than 15 minutes', () => {
    fc.assert(
      fc.property(fc.nat(2000), fc.nat(1000), (seconds, reads) => {
        const error = thrown(moved, { now: later(seconds), reads })
        expect(error).toBeInstanceOf(seconds < 900 ? RetryLater : Refused)
        if (!(error instanceof RetryLater)) return
        expect(error.after?.getTime()).toBeGreaterThan(later(seconds).getTime())
        expect(error.after?.getTime()).toBeLessThanOrEqual(later(900).getTime())
      }),
    )
  })

  it.each([
    ['an old event', { now: later(900) }, 'any more'],
    ['a run that has made something, and so has seen its hire', { now: undefined }, 'any more'],
    ['a preview', { waits: false }, 'yet'],
  ])('is refused at once for %s', (_, changes, when) => {
    const [stage, gone] = [thrown(moved, changes), thrown(undefined, changes)]
    expect(stage).toMatchObject({
      code: 'pinpoint.not_hired',
      message: `Application 9000001 is not in a hired stage ${when} (it is in "offer").`,
    })
    expect(gone).toMatchObject({
      code: 'pinpoint.application_gone',
      message: `Application 9000001 does not exist in Pinpoint ${when}.`,
    })
    expect(stage).toBeInstanceOf(Refused)
    expect(gone).toBeInstanceOf(Refused)
  })

  it('costs no attempt and no time of failing', () => {
    const run = { failures: 3, firstFailedAt: undefined }
    expect(settlementOf(thrown(moved), run, { now: later(1), chance: 0 })).toMatchObject({
      state: 'waiting',
      kind: 'not_yet',
      nextAt: later(6),
    })
  })

  it('is no obstacle when Pinpoint does not tell the stage', () => {
    const hire = hireOf({ stageType: undefined })
    expect(assertHired(hire, expecting())).toBe(hire)
  })
})

describe('Demo data (F4b)', () => {
  const demo = hireOf({ stageType: 'review', isDemo: true })

  it('counts as hired in any stage where the tenant tries it (case 58)', () => {
    expect(assertHired(demo, expecting({ tenant: { demoHires: true } }))).toBe(demo)
  })

  it('is told as such, and how to try it, where not', () => {
    for (const now of [later(1), later(901)]) {
      expect(thrown(demo, { now })).toMatchObject({
        message: expect.stringContaining(
          'demo data: to try hires of it in any stage, set `demoHires: true`',
        ) as string,
      })
    }
  })

  it('is nothing that a real application becomes by the flag', () => {
    const error = thrown(moved, { tenant: { demoHires: true }, now: later(901) })
    expect(error).toMatchObject({ code: 'pinpoint.not_hired' })
    expect((error as Refused).message).not.toContain('demo')
  })
})

describe('Pinpoint’s sample event (F4b)', () => {
  it('is told as such, at once', () => {
    const error = thrown(undefined, sample)
    expect(error).toBeInstanceOf(Refused)
    expect(error).toMatchObject({ code: 'pinpoint.sample_event' })
  })

  it.each([
    ['of another application', { ...sample, subject: '2' }],
    ['of a moment ago', { ...sample, event: { triggeredAt: receivedAt, receivedAt } }],
  ])('is none that is %s', (_, changes) => {
    expect(thrown(undefined, changes)).toMatchObject({ code: 'pinpoint.not_hired_yet' })
  })

  it('is none when the application is there', () => {
    const hire = hireOf({ id: '1' })
    expect(assertHired(hire, expecting(sample))).toBe(hire)
  })
})
