/** Bounds how long an answer may take: the caller has a limit of its own, and silence explains nothing. */
import { systemClock } from '../base/clock.ts'
import { RetryLater } from '../base/failure.ts'
import { withinTime } from '../base/time-limit.ts'

export class TooSlow extends RetryLater {
  constructor(milliseconds: number) {
    super('http.too_slow', `There was no result within ${milliseconds} ms.`, { outcome: 'unclear' })
  }
}

/** The work's result, or `TooSlow`. The work itself goes on. */
export function within<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  const reason = () => new TooSlow(milliseconds)
  return withinTime({ clock: systemClock, milliseconds, reason }, () => work)
}
