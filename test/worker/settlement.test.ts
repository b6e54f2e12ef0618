import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { NeedsPerson, Refused, RetryLater, UnrecognisedAnswer } from '../../src/base/failure.ts'
import type { RunId } from '../../src/base/ids.ts'
import { OtherRunsTurn } from '../../src/effects/ensure.ts'
import { OutcomeUnclear } from '../../src/effects/unclear.ts'
import { CircuitOpen } from '../../src/limits/circuit.ts'
import { bugTries, giveUpAfterSeconds, nextTry } from '../../src/runs/retry-policy.ts'
import { settlementOf } from '../../src/worker/settlement.ts'

const now = new Date('2026-08-01T10:00:00Z')
const fresh = { failures: 0, firstFailedAt: undefined }
const at = { now, chance: 0.5 }

describe('what becomes of a run is in the class of its failure', () => {
  it('comes back more and more rarely to a limit that is told for days, and parks in the end', () => {
    const start = now.getTime()
    let time = start
    for (let tries = 1; ; tries++) {
      const told = new RetryLater('x.rate_limited', 'Limit.', {
        kind: 'rate_limit',
        after: new Date(time + 30_000),
      })
      const firstFailedAt = tries === 1 ? undefined : now
      const end = settlementOf(told, { failures: 0, firstFailedAt }, { now: new Date(time), chance: 0.5 })
      if (end.state !== 'waiting') {
        expect(end).toMatchObject({ state: 'parked', code: 'runs.gave_up' })
        expect(time - start).toBe(giveUpAfterSeconds * 1000)
        expect(tries).toBeLessThan(200)
        return
      }
      expect(end.nextAt.getTime() - time).toBeGreaterThanOrEqual(
        Math.min(30_000, start + giveUpAfterSeconds * 1000 - time),
      )
      time = end.nextAt.getTime()
    }
  })

  it('waits after RetryLater, with backoff, and counts it', () => {
    const settlement = settlementOf(new RetryLater('x.down', 'Down.'), fresh, at)
    expect(settlement).toEqual({
      state: 'waiting',
      code: 'x.down',
      reason: 'Down.',
      nextAt: new Date('2026-08-01T10:00:05Z'),
      kind: 'failure',
    })
  })

  it('waits as long as the destination asks, when that is longer than the backoff', () => {
    const after = new Date('2026-08-01T10:05:00Z')
    const settlement = settlementOf(new RetryLater('x.slow', 'Slow.', { after }), fresh, at)
    expect(settlement).toMatchObject({
      state: 'waiting',
      nextAt: new Date('2026-08-01T10:05:00.500Z'),
      kind: 'failure',
    })
  })

  it('waits for the probe of an open circuit without counting it, but not for more than three days', () => {
    const after = new Date('2026-08-01T10:00:30Z')
    const open = new CircuitOpen(
      { destination: 'x', ofEffects: false, code: 'x.down', reason: 'x answered 503.' },
      after,
    )
    expect(settlementOf(open, fresh, at)).toEqual({
      state: 'waiting',
      code: 'runs.circuit_open',
      reason: 'x keeps failing, so this run waits until a probe succeeds. The last failure: x answered 503.',
      nextAt: new Date('2026-08-01T10:00:30.500Z'),
      kind: 'circuit',
    })
    const since = (hours: number) => new Date(now.getTime() - hours * 3_600_000)
    expect(settlementOf(open, { failures: 1, firstFailedAt: since(71.9) }, at).state).toBe('waiting')
    expect(settlementOf(open, { failures: 1, firstFailedAt: since(72) }, at)).toMatchObject({
      state: 'parked',
      code: 'runs.gave_up',
      reason: 'Tried for three days. The last failure was x.down: x answered 503.',
    })
  })

  it('tries for the last time when three days are over, whatever the backoff or the destination says', () => {
    const firstFailedAt = new Date(now.getTime() - giveUpAfterSeconds * 1000 + 60_000)
    const end = new Date(now.getTime() + 60_000)
    const failing = { failures: 20, firstFailedAt }
    expect(settlementOf(new RetryLater('x.down', 'Down.'), failing, at)).toMatchObject({ nextAt: end })
    const after = new Date('2026-08-09T10:00:00Z')
    expect(settlementOf(new RetryLater('x.slow', 'Slow.', { after }), failing, at)).toMatchObject({
      nextAt: end,
    })
    // What may still land is not looked for before it must be there.
    expect(settlementOf(new OutcomeUnclear('Employee', after), failing, at)).toMatchObject({
      nextAt: new Date(after.getTime() + 500),
    })
  })

  it('parks after three days in which a destination says 429 and nothing else', () => {
    const told = new RetryLater('x.limit', 'Limit.', { kind: 'rate_limit' })
    expect(settlementOf(told, fresh, at)).toMatchObject({ state: 'waiting', kind: 'rate_limit' })
    const ago = new Date(now.getTime() - giveUpAfterSeconds * 1000)
    expect(settlementOf(told, { failures: 0, firstFailedAt: ago }, at).state).toBe('parked')
  })

  it('waits for a rate limit without counting it as a failure', () => {
    const after = new Date('2026-08-01T10:00:30Z')
    const settlement = settlementOf(new RetryLater('x.limit', 'Limit.', { after, kind: 'permit' }), fresh, at)
    expect(settlement).toMatchObject({
      state: 'waiting',
      kind: 'permit',
      nextAt: new Date('2026-08-01T10:00:30.500Z'),
    })
  })

  it('names the failure that it waits for, not the wait, when three days are over', async () => {
    const last = { code: 'x.down', message: 'x answered 500.' }
    const unclear = new OutcomeUnclear('Employee', now, { last })
    expect(settlementOf(unclear, fresh, at)).toMatchObject({ state: 'waiting', kind: 'unclear' })
    const firstFailedAt = new Date(now.getTime() - giveUpAfterSeconds * 1000)
    expect(settlementOf(unclear, { failures: 1, firstFailedAt }, at)).toMatchObject({
      code: 'runs.gave_up',
      reason: 'Tried for three days. The last failure was x.down: x answered 500.',
    })
  })

  it.each(['permit', 'turn', 'not_yet'] as const)('never gives up while it waits for a %s', (kind) => {
    const firstFailedAt = new Date(now.getTime() - 2 * giveUpAfterSeconds * 1000)
    const wait = new RetryLater('x.turn', 'Its turn comes.', { kind })
    expect(settlementOf(wait, { failures: 1, firstFailedAt }, at)).toMatchObject({ state: 'waiting', kind })
  })

  it('waits for the other run that is about the same person', () => {
    const holder = 'run_1' as RunId
    const settlement = settlementOf(new OtherRunsTurn(holder, new Date('2026-08-01T10:00:30Z')), fresh, at)
    expect(settlement).toMatchObject({ state: 'waiting', kind: 'turn', waitingFor: holder })
  })

  it('parks with the fix after NeedsPerson', () => {
    const error = new NeedsPerson('x.site', 'No such site.', { fix: 'Add it.', resumesOn: 'connection' })
    expect(settlementOf(error, fresh, at)).toEqual({
      state: 'parked',
      code: 'x.site',
      reason: 'No such site.',
      fix: 'Add it.',
      resumesOn: 'connection',
      pausesConnection: false,
    })
  })

  it('ends after Refused', () => {
    expect(settlementOf(new Refused('x.gone', 'Gone.'), fresh, at)).toEqual({
      state: 'refused',
      code: 'x.gone',
      reason: 'Gone.',
    })
  })

  it('retries a bug a few times, then parks it, and never shows the text of the error', () => {
    const error = new TypeError('ada@example.com is not iterable')
    const early = settlementOf(error, { failures: bugTries - 2, firstFailedAt: now }, at)
    const late = settlementOf(error, { failures: bugTries - 1, firstFailedAt: now }, at)
    expect(early).toMatchObject({ state: 'waiting', code: 'runs.bug' })
    expect(late).toMatchObject({ state: 'parked', code: 'runs.bug' })
    expect(JSON.stringify([early, late])).not.toContain('ada@example.com')
  })

  it('parks after three days of failures', () => {
    const firstFailedAt = new Date(now.getTime() - giveUpAfterSeconds * 1000)
    const settlement = settlementOf(new RetryLater('x.down', 'Down.'), { failures: 90, firstFailedAt }, at)
    expect(settlement).toMatchObject({ state: 'parked', code: 'runs.gave_up' })
  })
})

describe('an answer that is none of the destination’s API (W6)', () => {
  const details = { destination: 'bob', status: 403, requestId: '8c1f-LHR' }
  const page = new UnrecognisedAnswer('bob.answer_unrecognised', 'Page.', { details, kind: 'outage' })
  const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000)
  const met = (times: number, minutes = 11) => ({
    ...{ failures: times, firstFailedAt: ago(minutes) },
    unrecognised: { times, since: ago(minutes) },
  })

  it('makes the run wait a minute, then ten', () => {
    expect(settlementOf(page, fresh, at)).toEqual({
      state: 'waiting',
      code: 'bob.answer_unrecognised',
      reason: 'Page. (request id 8c1f-LHR)',
      nextAt: new Date('2026-08-01T10:01:00Z'),
      kind: 'outage',
    })
    expect(settlementOf(page, met(1), at)).toMatchObject({ nextAt: new Date('2026-08-01T10:10:00Z') })
  })

  it.each([
    ['at the third', met(2)],
    ['at the second after half an hour', met(1, 30)],
  ])('parks the run %s, and pauses nothing', (_, run) => {
    const settlement = settlementOf(page, run, at)
    expect(settlement).toMatchObject({
      state: 'parked',
      code: 'bob.edge_refused',
      resumesOn: 'connection',
      pausesConnection: false,
    })
    expect('reason' in settlement && settlement.reason).toContain('Page. (request id 8c1f-LHR)')
  })

  it('waits on while the circuit says that others meet it, too', () => {
    const circuit = { destination: 'bob', code: page.code, reason: 'Page.', ofEffects: true }
    expect(settlementOf(page, { ...met(5), circuit }, at)).toMatchObject({ state: 'waiting' })
    const another = { ...circuit, destination: 'pinpoint' }
    expect(settlementOf(page, { ...met(5), circuit: another }, at)).toMatchObject({ state: 'parked' })
  })
})

describe('the id of a call that the vendor has logged (F17)', () => {
  it.each([
    new RetryLater('x.down', 'Down.', { details: { requestId: 'req-1' } }),
    new NeedsPerson('x.site', 'No site.', { fix: 'Add it.', details: { requestId: 'req-1' } }),
    new Refused('x.gone', 'Gone.', { details: { requestId: 'req-1' } }),
  ])('stands in the reason of $name', (error) => {
    expect(settlementOf(error, fresh, at)).toMatchObject({ reason: `${error.message} (request id req-1)` })
  })
})

describe('the backoff', () => {
  it('lies between 3.75 seconds and 1.25 hours, and grows', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.double({ min: 0, max: 0.999, noNaN: true }), (failures, chance) => {
        const next = nextTry({ failures, now, chance })
        const seconds = (next.getTime() - now.getTime()) / 1000
        expect(seconds).toBeGreaterThanOrEqual(3.75)
        expect(seconds).toBeLessThanOrEqual(4500)
      }),
    )
    const delays = [0, 1, 2, 3].map((failures) => nextTry({ failures, now, chance: 0.5 }))
    expect(delays.map((next) => (next.getTime() - now.getTime()) / 1000)).toEqual([5, 10, 20, 40])
  })
})
