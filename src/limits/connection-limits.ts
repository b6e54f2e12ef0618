/** All limits of the calls of this process: permits are taken before a call, so that a 429 is avoided. */
import type { Clock } from '../base/clock.ts'
import type { ConnectionId } from '../base/ids.ts'
import type { KnownLimit, LimitKey } from '../base/rate-limit.ts'
import type { Log } from '../observe/log.ts'
import { databaseTime } from './database-time.ts'
import type { LimitStore } from './ports.ts'
import { SharedLimit } from './shared-limit.ts'

export interface ConnectionLimits {
  of(key: LimitKey): SharedLimit
  /** Takes over what the database knew at that moment. */
  know(limits: readonly KnownLimit[], at: Date): void
  /** The limits of this connection's calls, as far as they are known. */
  known(connection: ConnectionId): readonly SharedLimit[]
}

export function createConnectionLimits({
  store,
  clock,
  log,
}: {
  readonly store: LimitStore
  readonly clock: Clock
  readonly log: Log
}): ConnectionLimits {
  const time = databaseTime(clock)
  const limits = new Map<string, Map<string, SharedLimit>>()

  function of(key: LimitKey): SharedLimit {
    const inScope = limits.get(key.scope) ?? new Map<string, SharedLimit>()
    limits.set(key.scope, inScope)
    const limit = inScope.get(key.bucket) ?? new SharedLimit({ store, clock, time, log }, key)
    inScope.set(key.bucket, limit)
    return limit
  }

  return {
    of,
    know(known, at) {
      time.observe(at)
      for (const limit of known) of(limit.key).know(limit)
    },
    known: (connection) => [...(limits.get(connection)?.values() ?? [])],
  }
}
