// How fetches of jobs gather at load. The numbers may change; what is told here may not.
import { describe, expect, it } from 'vitest'

import { secondsAfter } from '../../src/base/clock.ts'
import { createFetchPace } from '../../src/worker/fetch-pace.ts'
import { createVirtualClock } from '../support/virtual-clock.ts'

/** Longer than any wait, shorter than a person notices. */
const moment = 1

function paced() {
  const clock = createVirtualClock()
  const pace = createFetchPace(clock)
  const stopping = new AbortController()
  const letPass = (seconds: number) => clock.runUntil(secondsAfter(clock.now(), seconds))
  /** How long a fetch waits for others that go with it. */
  const waits = async (inFlight: number) => {
    const began = clock.now().getTime()
    let waited: number | undefined
    const fetching = pace.turn(inFlight, stopping.signal).then(() => {
      pace.begins()
      waited = clock.now().getTime() - began
    })
    await clock.runUntil(clock.now())
    if (waited === undefined) await letPass(moment)
    await fetching
    return waited
  }
  return { clock, pace, stopping, letPass, waits }
}

describe('the pace of fetches', () => {
  it('lets the first one, and each one after a quiet moment, go at once', async () => {
    const { letPass, waits } = paced()
    for (const inFlight of [0, 10, 500]) {
      expect(await waits(inFlight)).toBe(0)
      await letPass(moment)
    }
  })

  it('lets one that follows at once wait a moment, and the longer the more is under way', async () => {
    const waited = []
    for (const inFlight of [0, 10, 50]) {
      const { waits } = paced()
      await waits(inFlight)
      waited.push((await waits(inFlight)) ?? 0)
    }
    const [idle = 0, some = 0, many = 0] = waited
    expect(idle).toBeGreaterThan(0)
    expect(some).toBeGreaterThan(idle)
    expect(many).toBeGreaterThan(some)
  })

  it('counts from the fetch before: what has passed since need not be waited again', async () => {
    const whole = paced()
    await whole.waits(20)
    const wait = (await whole.waits(20)) ?? 0
    const { letPass, waits } = paced()
    await waits(20)
    await letPass(wait / 2 / 1000)
    const rest = (await waits(20)) ?? 0
    expect(rest).toBeGreaterThan(0)
    expect(rest).toBeLessThanOrEqual(Math.ceil(wait / 2))
  })

  it('does not count a look that has fetched nothing', async () => {
    const { pace, stopping, waits } = paced()
    await pace.turn(50, stopping.signal)
    expect(await waits(50)).toBe(0)
  })

  it('holds nobody up for long, however much is under way', async () => {
    const { waits } = paced()
    await waits(500)
    expect(await waits(500)).toBeLessThan(250)
  })

  it('lets a worker that stops go at once', async () => {
    const { clock, pace, stopping } = paced()
    await pace.turn(50, stopping.signal)
    pace.begins()
    const began = clock.now()
    const waiting = pace.turn(50, stopping.signal)
    stopping.abort()
    await waiting
    expect(clock.now()).toEqual(began)
  })
})
