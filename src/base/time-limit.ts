/** Aborts work when its time is over, by the clock that everything else uses. */
import type { Clock } from './clock.ts'

export interface TimeLimit {
  readonly clock: Clock
  readonly milliseconds: number
  /** The error to reject with. Default: a `TimeoutError`. */
  readonly reason?: () => Error
}

const overdue = () => new DOMException('The time is over.', 'TimeoutError')

/** When its time is over, `work` is aborted through its signal, and its end is not awaited. */
export async function withinTime<T>(
  { clock, milliseconds, reason = overdue }: TimeLimit,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController()
  const ended = new AbortController()
  const over = Promise.withResolvers<never>()
  void clock.sleep(milliseconds, ended.signal).then(() => {
    if (ended.signal.aborted) return
    const why = reason()
    limit.abort(why)
    over.reject(why)
  })
  try {
    return await Promise.race([work(limit.signal), over.promise])
  } finally {
    ended.abort()
  }
}
