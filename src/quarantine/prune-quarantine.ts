/** Prunes the quarantine by age while the service runs. Each process asks; the store allows one of them an hour. */
import type { Clock } from '../base/clock.ts'
import { type Loop, startLoop } from '../base/loop.ts'
import { type Log, safeError } from '../observe/log.ts'
import type { QuarantineAdmin } from './ports.ts'

const everyMilliseconds = 10 * 60_000

/** Stopping waits for a deletion that is under way. */
export function startPruning(deps: {
  readonly admin: Pick<QuarantineAdmin, 'prune'>
  readonly days: number
  readonly clock: Clock
  readonly log: Log
}): Loop {
  const { admin, days, clock, log } = deps
  return startLoop({
    every: everyMilliseconds,
    clock,
    async work() {
      const deliveries = await admin.prune(days)
      if (deliveries !== undefined && deliveries > 0)
        log.info({ deliveries, days }, 'quarantine pruned by age')
      return undefined
    },
    onError: (error) =>
      log.warn(safeError(error), 'quarantine could not be pruned; trying again in ten minutes'),
  })
}
