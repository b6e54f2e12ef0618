/** Prunes quarantine by age, for as long as the service runs. Each process asks; the store lets one of them do it an hour. */
import type { Clock } from '../base/clock.ts'
import { type Log, safeError } from '../observe/log.ts'
import type { QuarantineShelf } from './quarantine-ports.ts'

const everyMilliseconds = 10 * 60_000

export interface Pruning {
  /** Waits for a deletion that is under way. */
  stop(): Promise<void>
}

export function startPruning(deps: {
  readonly shelf: Pick<QuarantineShelf, 'prune'>
  readonly days: number
  readonly clock: Clock
  readonly log: Log
}): Pruning {
  const { shelf, days, clock, log } = deps
  const stopping = new AbortController()

  async function pruneOnce(): Promise<void> {
    try {
      const deliveries = await shelf.prune(days)
      if (deliveries !== undefined && deliveries > 0)
        log.info({ deliveries, days }, 'quarantine pruned by age')
    } catch (error) {
      log.warn(safeError(error), 'quarantine could not be pruned; trying again in ten minutes')
    }
  }

  async function keepPruning(): Promise<void> {
    while (!stopping.signal.aborted) {
      await pruneOnce()
      await clock.sleep(everyMilliseconds, stopping.signal)
    }
  }

  const ended = keepPruning()
  return {
    async stop() {
      stopping.abort()
      await ended
    },
  }
}
