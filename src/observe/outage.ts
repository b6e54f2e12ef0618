/** Logs an outage once when it begins and once when it is over, however many calls fail in between. */
import { type Clock, systemClock } from '../base/clock.ts'
import { Failure } from '../base/failure.ts'
import { type Log, safeError } from './log.ts'

export interface Outage {
  failed(error: unknown): void
  worked(): void
  /** What is wrong, if the last failed call is at most ten seconds old and none has worked since. */
  problem(): string | undefined
}

const recentMilliseconds = 10_000

/** Another code during the same outage is logged as well: away, then read-only. */
export function createOutage(
  log: Log,
  {
    began,
    over,
    clock = systemClock,
  }: { readonly began: string; readonly over: string; readonly clock?: Clock },
): Outage {
  const logged = new Set<string>()
  let failures = 0
  let last: { readonly at: number; readonly text: string } | undefined
  return {
    failed(error) {
      failures += 1
      const text =
        error instanceof Failure ? error.message : 'An unexpected error occurred. See the service log.'
      last = { at: clock.now().getTime(), text }
      const fields = safeError(error)
      const kind = error instanceof Failure ? error.code : 'unknown'
      if (logged.has(kind)) return
      logged.add(kind)
      log.error(fields, began)
    },
    worked() {
      if (failures > 0) log.info({ failures }, over)
      logged.clear()
      failures = 0
      last = undefined
    },
    problem() {
      return last !== undefined && clock.now().getTime() - last.at <= recentMilliseconds
        ? last.text
        : undefined
    },
  }
}
