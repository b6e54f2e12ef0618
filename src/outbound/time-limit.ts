/** Cuts a call off when its time is over, by the clock that everything else goes by. */
import { type Clock, noLongerNeeded } from '../base/clock.ts'

/** `work` is aborted through its signal after the given number of milliseconds, and nobody waits for its end. */
export async function withinTime<T>(
  clock: Clock,
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController()
  const ended = new AbortController()
  const over = Promise.withResolvers<never>()
  void clock.sleep(milliseconds, ended.signal).then(() => {
    if (ended.signal.aborted) return
    const reason = new DOMException('The time is over.', 'TimeoutError')
    limit.abort(reason)
    over.reject(reason)
  })
  try {
    return await Promise.race([work(limit.signal), over.promise])
  } finally {
    ended.abort(noLongerNeeded)
  }
}
