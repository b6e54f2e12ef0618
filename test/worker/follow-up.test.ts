/** A follow-up looks three times and then ends; nothing that stops it stops the hire, which is done. */
import { describe, expect, it } from 'vitest'

import { secondsAfter } from '../../src/base/clock.ts'
import { Refused } from '../../src/base/failure.ts'
import type { Settlement } from '../../src/runs/run.ts'
import { doneWithout, followUpEnds, isFollowedUp } from '../../src/worker/follow-up.ts'
import { WorkersDied } from '../../src/worker/open-handler.ts'
import { failureOf } from '../outbound/little-server.ts'

const since = new Date('2026-11-24T08:00:00Z')
const after = (seconds: number) => ({ followUpSince: since, claimedAt: secondsAfter(since, seconds) })
const ordinary = { followUpSince: undefined, claimedAt: since }
const without = { result: { did: 'found' }, missing: ['the CV'] }
const reason = 'Looks again for the CV, which was announced but not there.'

describe('A run that went without something', () => {
  it('is done, and followed up after ten minutes (W17)', () => {
    expect(isFollowedUp(ordinary)).toBe(true)
    expect(doneWithout(ordinary, without)).toEqual({
      state: 'done',
      result: { did: 'found' },
      followUp: { reason, inSeconds: 600 },
    })
  })

  it('is not followed up when nothing is missing', () => {
    expect(doneWithout(ordinary, { ...without, missing: [] })).toEqual({
      state: 'done',
      result: { did: 'found' },
    })
  })
})

describe('A follow-up', () => {
  it.each([
    ['after ten minutes', 600, 7200],
    ['late, after a stop of the service', 5000, 7200],
    ['after two hours', 7201, 86_400],
  ])('that looked %s looks again', async (_, looked, next) => {
    const failure = await failureOf(Promise.resolve().then(() => doneWithout(after(looked), without)))
    expect(failure).toMatchObject({ kind: 'not_yet', after: secondsAfter(since, next), message: reason })
  })

  it('ends after the third look, and as soon as it has found it', () => {
    expect(isFollowedUp(after(86_400))).toBe(false)
    expect(doneWithout(after(86_400), without)).toEqual({ state: 'done', result: { did: 'found' } })
    expect(doneWithout(after(600), { ...without, missing: [] })).toEqual({
      state: 'done',
      result: { did: 'found' },
    })
  })

  const failure = new Refused('hibob.some_failure', 'Why.')
  const parked = (code: string, resumesOn: 'person' | 'connection'): Settlement => ({
    ...{ state: 'parked', code, resumesOn },
    ...{ reason: 'Why.', fix: 'Mend it.', pausesConnection: false },
  })
  it.each<[string, Settlement]>([
    ['a person would have to decide', parked('hibob.former_employee', 'person')],
    ['it failed for three days', parked('runs.gave_up', 'person')],
    ['the hire was undone', { state: 'refused', code: 'pinpoint.not_hired', reason: 'Why.' }],
  ])('ends with a warning where %s', (_, settlement) => {
    const code = 'code' in settlement ? settlement.code : ''
    expect(followUpEnds(after(600), failure, settlement)).toEqual({
      state: 'done',
      result: { did: 'nothing', warnings: [{ code, message: 'Why.' }] },
    })
    expect(followUpEnds(ordinary, failure, settlement)).toBe(settlement)
  })

  it.each<[string, unknown, Settlement]>([
    ['its connection pauses', failure, parked('hibob.credentials_refused', 'connection')],
    ['it meets a bug', new TypeError('a bug'), parked('runs.bug', 'person')],
    [
      'it has taken workers down',
      new WorkersDied('runs.crashed_repeatedly', 'Why.', { fix: 'Mend it.' }),
      parked('runs.crashed_repeatedly', 'person'),
    ],
  ])('parks as any run when %s', (_, error, settlement) => {
    expect(followUpEnds(after(600), error, settlement)).toBe(settlement)
  })
})
