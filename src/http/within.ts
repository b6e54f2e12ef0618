/** A bound for how long an answer may take: who asked has an own limit, and silence tells nobody anything. */
import { type Clock, noLongerNeeded, systemClock } from '../base/clock.ts'
import { RetryLater } from '../base/failure.ts'

export class TooSlow extends RetryLater {
  constructor(milliseconds: number) {
    super('http.too_slow', `There was no result within ${milliseconds} ms.`, { outcome: 'unclear' })
  }
}

/** The work's result, or `TooSlow`. The work itself goes on. */
export async function within<T>(
  work: Promise<T>,
  milliseconds: number,
  clock: Clock = systemClock,
): Promise<T> {
  const ended = new AbortController()
  const limit = clock.sleep(milliseconds, ended.signal).then(() => {
    throw new TooSlow(milliseconds)
  })
  try {
    return await Promise.race([work, limit])
  } finally {
    ended.abort(noLongerNeeded)
  }
}
