/** The only outbound client of a process, and read-only clients within the limits. */
import { systemClock } from '../base/clock.ts'
import type { OpenHttp } from '../base/http.ts'
import type { TenantId } from '../base/ids.ts'
import type { Config } from '../config/environment.ts'
import { createConnectionLimits } from '../limits/connection-limits.ts'
import type { Caller } from '../limits/counted-call.ts'
import { createReadingInterceptor } from '../limits/reading-interceptor.ts'
import { createLimitStore, knownLimits } from '../limits/store/limits.ts'
import type { Log } from '../observe/log.ts'
import type { Metrics } from '../observe/metrics.ts'
import { createOutbound, type Outbound } from '../outbound/outbound.ts'
import { type ServiceOptions, undecorated } from './decorate-ports.ts'
import type { Store } from './store.ts'

export function openOutbound(config: Config, metrics?: Metrics, log?: Log): Outbound {
  return createOutbound({
    allowPrivateNetwork: config.allowPrivateNetwork,
    privateDestinations: config.privateDestinations,
    clock: systemClock,
    proxies: config.proxies,
    vendorName: config.vendorName,
    agreedLimits: config.pinpointLimits === undefined ? {} : { pinpoint: config.pinpointLimits },
    onCall({ destination, bucket, operation, status, milliseconds, repetition }) {
      metrics?.outboundCalls.inc({ destination, operation, answer: answerOf(status) })
      metrics?.outboundSeconds.observe({ destination, bucket, status: String(status) }, milliseconds / 1000)
      if (!repetition) return
      metrics?.repeatedReads.inc({ destination, bucket })
      log?.debug({ destination, bucket, status, milliseconds }, 'a read that had failed was repeated')
    },
  })
}

function answerOf(status: number): string {
  if (status === 0) return 'none'
  return status === 429 ? '429' : `${Math.floor(status / 100)}xx`
}

/** The parts needed to call the outside. */
export interface CallerParts {
  readonly store: Pick<Store, 'database' | 'withDatabaseRetry'>
  readonly outbound: Outbound
  readonly log: Log
  /** Names the IP address from which this process calls. */
  readonly address: string
  readonly options?: ServiceOptions
}

/** For a person's query: hires go first, and keep the last fifth of each window. */
export async function openPoliteHttp(
  { store, outbound, log, address }: Omit<CallerParts, 'options'>,
  tenant: TenantId,
): Promise<OpenHttp> {
  const { pool } = store.database
  const limits = createConnectionLimits({
    ...{ store: createLimitStore(pool, store.withDatabaseRetry), clock: systemClock, log },
  })
  const known = await knownLimits(pool, tenant)
  limits.know(known.limits, known.at)
  const caller = { tenant, connection: undefined }
  return outbound.openHttp(createReadingInterceptor({ limits, address }, caller, { leaves: 0.2 }), {
    readOnly: true,
  })
}

/** Read-only clients, within the limits that all processes share: for sweeps, previews and parked runs. */
export function openReadingHttp({
  store: { database, withDatabaseRetry },
  outbound,
  log,
  address,
  options: { decorate = undecorated } = {},
}: CallerParts): (caller: Caller) => OpenHttp {
  const store = decorate('limits', createLimitStore(database.pool, withDatabaseRetry))
  const limits = createConnectionLimits({ store, clock: systemClock, log })
  return (caller) =>
    outbound.openHttp(createReadingInterceptor({ limits, address }, caller), { readOnly: true })
}
