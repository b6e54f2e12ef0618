/** A clock that a test moves: nothing waits for real time, and timers fire in their order. */
import type { Clock } from '../../src/base/clock.ts'

export interface VirtualClock extends Clock {
  /** Moves on to `until`, firing each timer at its time and letting everything that it starts come to rest first. */
  runUntil(until: Date): Promise<void>
  /** The same time as this one, wrong by so much: another machine's clock. */
  skewed(milliseconds: number): Clock
}

interface Timer {
  readonly at: number
  readonly number: number
  readonly fire: () => void
}

export function createVirtualClock(start = new Date('2026-03-02T08:00:00Z')): VirtualClock {
  let now = start.getTime()
  let made = 0
  const timers = new Set<Timer>()

  const clock: Clock = {
    now: () => new Date(now),
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        const done = () => {
          timers.delete(timer)
          signal?.removeEventListener('abort', done)
          resolve()
        }
        const timer = { at: now + Math.max(0, milliseconds), number: made++, fire: done }
        timers.add(timer)
        if (signal?.aborted) done()
        else signal?.addEventListener('abort', done, { once: true })
      }),
  }

  return {
    ...clock,
    async runUntil(until) {
      for (;;) {
        await settled()
        const next = first(timers)
        if (next === undefined || next.at > until.getTime()) break
        now = Math.max(now, next.at)
        next.fire()
      }
      now = Math.max(now, until.getTime())
    },
    skewed: (milliseconds) => ({ ...clock, now: () => new Date(now + milliseconds) }),
  }
}

/** Promises only: a turn of the event loop comes after all that are ready and all that these make ready. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function first(timers: ReadonlySet<Timer>): Timer | undefined {
  let best: Timer | undefined
  for (const timer of timers) {
    if (best === undefined || timer.at < best.at || (timer.at === best.at && timer.number < best.number)) {
      best = timer
    }
  }
  return best
}
