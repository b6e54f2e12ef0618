import { describe, expect, it } from 'vitest'

import type { Clock } from '../../src/base/clock.ts'
import { startLoop } from '../../src/base/loop.ts'
import { createVirtualClock } from '../support/virtual-clock.ts'

/** A loop every ten seconds, and when its work began, in seconds from the start. */
function open(
  work: (clock: Clock, stopping: AbortSignal) => Promise<number | undefined> = async () => undefined,
) {
  const clock = createVirtualClock()
  const start = clock.now().getTime()
  const seconds = () => (clock.now().getTime() - start) / 1000
  const began: number[] = []
  const errors: unknown[] = []
  const loop = startLoop({
    every: 10_000,
    clock,
    work(stopping) {
      began.push(seconds())
      return work(clock, stopping)
    },
    onError: (error) => errors.push(error),
  })
  return {
    clock,
    seconds,
    began,
    errors,
    loop,
    run: (to: number) => clock.runUntil(new Date(start + to * 1000)),
  }
}

describe('A loop', () => {
  it('works at once, and again each time that its pause is over', async () => {
    const { began, run, loop } = open()
    await run(25)
    expect(began).toEqual([0, 10, 20])
    await loop.stop()
  })

  it('counts its pause from the end of the work', async () => {
    const { began, run, loop } = open((clock) => clock.sleep(3_000).then(() => undefined))
    await run(20)
    expect(began).toEqual([0, 13])
    const stopped = loop.stop()
    await run(30)
    await stopped
  })

  it('works at once when it is woken, once for many wake-ups, and pauses as ever afterwards', async () => {
    const { began, run, loop } = open()
    await run(4)
    loop.wake()
    loop.wake()
    await run(20)
    expect(began).toEqual([0, 4, 14])
    await loop.stop()
  })

  it('works once more at once when it is woken while it works', async () => {
    const { began, run, loop } = open((clock) => clock.sleep(3_000).then(() => undefined))
    await run(1)
    loop.wake()
    await run(4)
    expect(began).toEqual([0, 3])
    const stopped = loop.stop()
    await run(10)
    await stopped
  })

  it('waits as long as its work says: not at all while there is more to do', async () => {
    const waits = [0, 0, 2_000, undefined]
    const { began, run, loop } = open(async () => waits.shift())
    await run(13)
    expect(began).toEqual([0, 0, 0, 2, 12])
    await loop.stop()
  })

  it('tells of work that failed and goes on with it', async () => {
    const failure = new Error('away')
    const { began, errors, run, loop } = open(() => Promise.reject(failure))
    await run(15)
    expect(began).toEqual([0, 10])
    expect(errors).toEqual([failure, failure])
    await loop.stop()
  })

  it('stops in its pause at once, works no more, and is not woken again', async () => {
    const { began, run, loop } = open()
    await run(4)
    await loop.stop()
    loop.wake()
    await run(60)
    expect(began).toEqual([0])
  })

  it('waits for the work under way when it is stopped, which is told of that', async () => {
    let ended = false
    const { run, loop } = open(async (clock, stopping) => {
      await clock.sleep(60_000, stopping)
      await clock.sleep(2_000)
      ended = true
      return undefined
    })
    await run(1)
    const stopped = loop.stop(5)
    await run(3)
    await stopped
    expect(ended).toBe(true)
  })

  it('waits no longer than the grace', async () => {
    const { seconds, run, loop } = open((clock) => clock.sleep(60_000).then(() => undefined))
    await run(1)
    let stoppedAt: number | undefined
    void loop.stop(5).then(() => (stoppedAt = seconds()))
    await run(30)
    expect(stoppedAt).toBe(6)
  })
})
