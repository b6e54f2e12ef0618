/** Cuts a call off when its time is over, by the clock that everything else goes by. */
import { type Clock, noLongerNeeded } from '../base/clock.ts'

interface UnderWay<T> {
  readonly answer: Promise<T>
  readonly abort: (reason: Error) => void
}

/** It is aborted after so many milliseconds. */
export async function cutOffAfter<T>(
  clock: Clock,
  milliseconds: number,
  { answer, abort }: UnderWay<T>,
): Promise<T> {
  const ended = new AbortController()
  void clock.sleep(milliseconds, ended.signal).then(() => {
    if (!ended.signal.aborted) abort(new DOMException('The time is over.', 'TimeoutError'))
  })
  try {
    return await answer
  } finally {
    ended.abort(noLongerNeeded)
  }
}

/** `work` is aborted through its signal after so many milliseconds. */
export function withinTime<T>(
  clock: Clock,
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController()
  const abort = (reason: Error) => limit.abort(reason)
  return cutOffAfter(clock, milliseconds, { answer: work(limit.signal), abort })
}
