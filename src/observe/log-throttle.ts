/** For log lines that strangers can cause: one at once, then one every ten seconds with the number of occurrences. */
import { type Clock, systemClock } from '../base/clock.ts'

const quietMilliseconds = 10_000

export interface LogThrottle {
  /** The occurrences since the last line, with this one; undefined when it is too early for a line. */
  happened(what: string): number | undefined
}

/** `what` must come from a short closed list. */
export function createLogThrottle(clock: Clock = systemClock): LogThrottle {
  const logged = new Map<string, { readonly at: number; readonly suppressed: number }>()
  return {
    happened(what) {
      const now = clock.now().getTime()
      const last = logged.get(what)
      const times = (last?.suppressed ?? 0) + 1
      if (last !== undefined && now - last.at < quietMilliseconds) {
        logged.set(what, { at: last.at, suppressed: times })
        return undefined
      }
      logged.set(what, { at: now, suppressed: 0 })
      return times
    },
  }
}
