/** The clock that the processes share: limits are stored as its instants. */
import type { Clock } from '../base/clock.ts'

/** The database's clock, estimated from its last answer. */
export interface DatabaseTime {
  now(): number
  observe(at: Date): void
}

export function databaseTime(clock: Clock): DatabaseTime {
  let ahead = 0
  return {
    now: () => clock.now().getTime() + ahead,
    observe(at) {
      ahead = at.getTime() - clock.now().getTime()
    },
  }
}
