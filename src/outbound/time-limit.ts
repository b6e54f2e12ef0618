/** Cuts a call off when its time is over, by the clock that everything else goes by. */
import { type Clock, noLongerNeeded } from '../base/clock.ts'

/** `work` is aborted through its signal after so many milliseconds. */
export async function withinTime<T>(
  clock: Clock,
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController()
  const ended = new AbortController()
  void clock.sleep(milliseconds, ended.signal).then(() => {
    if (!ended.signal.aborted) limit.abort(new DOMException('The time is over.', 'TimeoutError'))
  })
  try {
    return await work(limit.signal)
  } finally {
    ended.abort(noLongerNeeded)
  }
}
