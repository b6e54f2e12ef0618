/** Clients that only read, within the limits that all processes share: for sweeps and previews. */
import { systemClock } from '../base/clock.ts'
import type { OpenHttp } from '../base/http.ts'
import type { Log } from '../observe/log.ts'
import type { Outbound } from '../outbound/outbound.ts'
import { createConnectionLimits } from '../runs/connection-limits.ts'
import type { Caller } from '../runs/limit-keys.ts'
import { createReadingGate } from '../runs/reading-gate.ts'
import { nothingAround, type Seams } from '../seams.ts'
import type { Database } from '../store/database.ts'
import { createLimitStore } from '../store/limits.ts'
import { createAgain } from '../store/transaction.ts'

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
  const again = createAgain(async () => database.embedded?.ensureRunning())
  const store = around('limits', createLimitStore(database.pool, again))
  const limits = createConnectionLimits({ store, clock: systemClock, log })
  return (caller) => outbound.openHttp(createReadingGate({ limits, address }, caller), { readOnly: true })
}
