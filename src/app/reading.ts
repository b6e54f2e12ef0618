/** Clients that only read, within the limits that all processes share: for sweeps and previews. */
import { systemClock } from '../base/clock.ts'
import type { OpenHttp } from '../base/http.ts'
import type { Database } from '../embedded-postgres/database.ts'
import { createConnectionLimits } from '../limits/connection-limits.ts'
import type { Caller } from '../limits/limit-keys.ts'
import { createReadingGate } from '../limits/reading-interceptor.ts'
import { createLimitStore } from '../limits/store/limits.ts'
import type { Log } from '../observe/log.ts'
import type { Outbound } from '../outbound/outbound.ts'
import { createDatabaseRetry } from '../postgres/transaction.ts'
import { nothingAround, type Seams } from './decorate-ports.ts'

export interface ReadingParts {
  readonly store: { readonly database: Database }
  readonly outbound: Outbound
  readonly log: Log
  /** Names the IP address that this process calls from. */
  readonly address: string
  readonly seams?: Pick<Seams, 'around'>
}

export function openReading({
  store: { database },
  outbound,
  log,
  address,
  seams: { around = nothingAround } = {},
}: ReadingParts): (caller: Caller) => OpenHttp {
  const withDatabaseRetry = createDatabaseRetry(async () => database.embedded?.ensureRunning())
  const store = around('limits', createLimitStore(database.pool, withDatabaseRetry))
  const limits = createConnectionLimits({ store, clock: systemClock, log })
  return (caller) => outbound.openHttp(createReadingGate({ limits, address }, caller), { readOnly: true })
}
