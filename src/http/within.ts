/** A bound for how long an answer may take: who asked has an own limit, and silence tells nobody anything. */
import { startTimer } from '../base/clock.ts'
import { RetryLater } from '../base/failure.ts'

export class TooSlow extends RetryLater {
  constructor(milliseconds: number) {
    super('http.too_slow', `There was no result within ${milliseconds} ms.`, { outcome: 'unclear' })
  }
}

/** The work's result, or `TooSlow`. The work itself goes on. */
export async function within<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  const limit = Promise.withResolvers<never>()
  const cancel = startTimer(milliseconds, () => limit.reject(new TooSlow(milliseconds)))
  try {
    return await Promise.race([work, limit.promise])
  } finally {
    cancel()
  }
}
