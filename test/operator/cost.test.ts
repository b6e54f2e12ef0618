import { describe, expect, it } from 'vitest'

import { costOf, type HistoryLine } from '../../src/operator/cost.ts'

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000)
const line = (
  seconds: number,
  state: HistoryLine['state'],
  more: Partial<HistoryLine> = {},
): HistoryLine => ({
  at: at(seconds),
  state,
  code: null,
  calls: null,
  ...more,
})
const limited = { code: 'hibob.rate_limited', calls: {} }

describe('what a run has cost', () => {
  it('is nothing before its first attempt ends', () => {
    const nothing = { calls: {}, uncountedAttempts: 0, waitedForLimitsSeconds: 0 }
    expect(costOf([line(0, 'queued'), line(1, 'running')], at(60))).toEqual(nothing)
    expect(costOf([], at(60))).toEqual(nothing)
  })

  it('has the seconds from a limit to the next attempt, or until now; other waits do not count', () => {
    const history = [
      line(0, 'queued'),
      line(1, 'running'),
      line(2, 'waiting', limited),
      line(6, 'running'),
      line(7, 'waiting', { code: 'hibob.unavailable', calls: { pinpoint: 1 } }),
      line(30, 'running'),
      line(31, 'waiting', { ...limited, calls: { pinpoint: 1, hibob: 1 } }),
    ]
    expect(costOf(history, at(41))).toEqual({
      calls: { pinpoint: 2, hibob: 1 },
      uncountedAttempts: 0,
      waitedForLimitsSeconds: 14,
    })
  })

  it('names the attempts that nobody settled: a dead worker’s, and those of a run that was cancelled meanwhile', () => {
    const history = [
      line(0, 'running'),
      line(1, 'running'),
      line(2, 'queued'),
      line(3, 'running'),
      line(4, 'cancelled'),
    ]
    expect(costOf(history, at(5)).uncountedAttempts).toBe(3)
  })
})
