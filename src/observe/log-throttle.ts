/** For lines that strangers can cause: one at once, then one every ten seconds that says how many there were. */
import { type Clock, systemClock } from '../base/clock.ts'

const quietMilliseconds = 10_000

export interface LogThrottle {
  /** How many happened since this was last told, this one included; undefined when it is too early to tell. */
  happened(what: string): number | undefined
}

/** `what` must come from a short closed list. */
export function createLogThrottle(clock: Clock = systemClock): LogThrottle {
  const told = new Map<string, { readonly at: number; readonly untold: number }>()
  return {
    happened(what) {
      const now = clock.now().getTime()
      const last = told.get(what)
      const times = (last?.untold ?? 0) + 1
      if (last !== undefined && now - last.at < quietMilliseconds) {
        told.set(what, { at: last.at, untold: times })
        return undefined
      }
      told.set(what, { at: now, untold: 0 })
      return times
    },
  }
}
