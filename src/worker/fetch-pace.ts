/**
 * Jobs are fetched in batches: what becomes due and what frees within a moment goes together, the more so the more is under
 * way. The first fetch after a quiet moment does not wait.
 */
import type { Clock } from '../base/clock.ts'

/** Milliseconds between the beginnings of two fetches. */
const between = (inFlight: number) => Math.min(60, 10 + inFlight / 2)

export interface FetchPace {
  /** Resolves when the next fetch may begin. */
  turn(inFlight: number, stopping: AbortSignal): Promise<void>
  /** A fetch begins. A look for jobs that asks nobody does not count: what comes a moment after it need not wait. */
  begins(): void
}

export function createFetchPace(clock: Clock): FetchPace {
  let fetchedAt = -Infinity
  return {
    async turn(inFlight, stopping) {
      const early = fetchedAt + between(inFlight) - clock.now().getTime()
      if (early > 0) await clock.sleep(early, stopping)
    },
    begins() {
      fetchedAt = clock.now().getTime()
    },
  }
}
