/** The limits of each connection's destination that rest at the moment: what this process has seen, and what others told. */
import type { Clock } from '../base/clock.ts'
import { type Log, safeError } from '../observe/log.ts'
import type { LimitStore } from './ports.ts'
import type { ClaimedRun } from './run.ts'

/** The limits of one connection; bucket names include the destination. */
export interface RestingLimits {
  pausedUntil(bucket: string): Date | undefined
  pause(bucket: string, until: Date): void
}

export function createConnectionLimits({
  store,
  clock,
  log,
}: {
  readonly store: LimitStore
  readonly clock: Clock
  readonly log: Log
}): (run: ClaimedRun) => RestingLimits {
  const resting = new Map<string, Date>()

  return ({ connection, limits }) => {
    const nameOf = (bucket: string) => `${connection.id} ${bucket}`
    for (const [bucket, until] of limits) remember(nameOf(bucket), until)
    return {
      pausedUntil(bucket) {
        const until = resting.get(nameOf(bucket))
        if (until === undefined || until > clock.now()) return until
        resting.delete(nameOf(bucket))
        return undefined
      },
      pause(bucket, until) {
        remember(nameOf(bucket), until)
        // This process knows already; when the others cannot be told, each finds out by one 429 of its own.
        store
          .pause(connection.id, bucket, until)
          .catch((error: unknown) =>
            log.warn({ bucket, ...safeError(error) }, 'limit not shared with other processes'),
          )
      },
    }
  }

  function remember(name: string, until: Date): void {
    const before = resting.get(name)
    if (before === undefined || before < until) resting.set(name, until)
  }
}
