// Hires in a queue before a limit: how often each comes back, in which order, and what is spent in vain.
import { describe, expect, it } from 'vitest'

import { type HireOfQueue, queuedAfter, queueHires } from './queued-hires.ts'

const ownHost = 'https://pinpoint.example.com/api/v1'
const pinpointhq = 'https://acme.pinpointhq.com/api/v1'
/** Reproducible, and different each time. */
function chances(): () => number {
  let drawn = 0
  return () => (drawn += 0.618034) % 1
}
const average = (numbers: readonly number[]) =>
  numbers.reduce((sum, one) => sum + one, 0) / Math.max(1, numbers.length)
const wasted = (hires: readonly HireOfQueue[]) => hires.reduce((sum, hire) => sum + hire.wasted, 0)

/** How many were done later than one that came after them by so many. */
function overtaken(hires: readonly HireOfQueue[], by: number): number {
  return hires.filter(({ number, doneAt = Infinity }) => (hires[number + by]?.doneAt ?? Infinity) < doneAt)
    .length
}

describe('hires that wait for a limit come back once, in order, and have read nothing before', () => {
  it.each([
    ['250 hires at 10 in 5 s', { hires: 250, hibob: { calls: 10, seconds: 5 } }],
    ['250 hires at 50 in 60 s', { hires: 250, hibob: { calls: 50, seconds: 60 } }],
    ['500 hires at 50 in 60 s', { hires: 500, hibob: { calls: 50, seconds: 60 } }],
  ])('%s', async (_, options) => {
    const { hires, refused, seconds } = await queueHires({
      ...options,
      slots: 10,
      apiUrl: ownHost,
      chance: chances(),
    })
    expect(average(hires.map(({ attempts }) => attempts))).toBeLessThanOrEqual(2)
    expect(Math.max(...hires.map(({ attempts }) => attempts))).toBeLessThanOrEqual(3)
    expect({ refused: refused(), wasted: wasted(hires) }).toEqual({ refused: 0, wasted: 0 })
    expect(overtaken(hires, 2 * options.hibob.calls)).toBe(0)
    const windows = options.hires / options.hibob.calls
    expect(seconds).toBeLessThanOrEqual(queuedAfter + (windows + 1) * (options.hibob.seconds + 3))
  })
})

describe('500 hires within what Pinpoint documents, from the first call on', () => {
  it.each([10, 64])('with %i slots: nearly all of what two calls a hire allow, and no 429', async (slots) => {
    const { hires, refused, seconds } = await queueHires({
      hires: 500,
      slots,
      hibob: { calls: 1000, seconds: 60 },
      apiUrl: pinpointhq,
      chance: chances(),
    })
    expect(average(hires.map(({ attempts }) => attempts))).toBeLessThanOrEqual(2)
    expect({ refused: refused(), wasted: wasted(hires) }).toEqual({ refused: 0, wasted: 0 })
    // 1,000 calls are four windows of 480 s, and 40 calls of the fifth.
    expect((4 * 480) / (seconds - queuedAfter)).toBeGreaterThanOrEqual(0.95)
  })

  it('beside a limit of HiBob’s that is as tight, each comes back little more than once', async () => {
    const { hires, refused, seconds } = await queueHires({
      hires: 500,
      slots: 64,
      hibob: { calls: 50, seconds: 60 },
      apiUrl: pinpointhq,
      chance: chances(),
    })
    expect(average(hires.map(({ attempts }) => attempts))).toBeLessThanOrEqual(2.3)
    expect({ refused: refused(), wasted: wasted(hires) }).toEqual({ refused: 0, wasted: 0 })
    expect((4 * 480) / (seconds - queuedAfter)).toBeGreaterThanOrEqual(0.95)
  })

  it('three tenants have equal shares', async () => {
    const { hires } = await queueHires({
      hires: 300,
      slots: 10,
      tenants: 3,
      hibob: { calls: 1000, seconds: 60 },
      apiUrl: pinpointhq,
      chance: chances(),
    })
    const doneInTime = [0, 1, 2].map(
      (tenant) =>
        hires.filter((hire) => hire.tenant === tenant && (hire.doneAt ?? Infinity) < 560_000).length,
    )
    expect(Math.max(...doneInTime) - Math.min(...doneInTime)).toBeLessThanOrEqual(3)
  })
})
