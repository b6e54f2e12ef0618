/** All of the service's HTTP, for a server or for whatever else hands it requests. */
import type { Hono } from 'hono'

import { systemClock } from '../base/clock.ts'
import type { Sealer } from '../base/seal.ts'
import type { Config } from '../config/environment.ts'
import type { Database } from '../embedded-postgres/database.ts'
import type { Readiness } from '../http/health-routes.ts'
import { createHttpApp, createOperatorApp } from '../http/server.ts'
import type { LiveTenantDirectory } from '../intake/directory.ts'
import type { Quarantine, Quotas, VerifiedDelivery } from '../intake/ports.ts'
import { createReceive } from '../intake/receive.ts'
import { createEventStore } from '../intake/store/deliveries.ts'
import { handlersOf, integrations } from '../integrations/registry.ts'
import { type Log, safeError } from '../observe/log.ts'
import type { Metrics } from '../observe/metrics.ts'
import type { ReadNotices } from '../observe/notices-gauge.ts'
import { createOutage } from '../observe/outage.ts'
import type { Queue } from '../queue/store/queue.ts'
import type { Worker } from '../worker/worker.ts'
import { nothingAround, type Seams } from './decorate-ports.ts'
import { createReadiness } from './readiness.ts'

export interface ServiceParts {
  readonly store: {
    readonly database: Database
    readonly queue: Queue
    readonly sealer: Sealer
    readonly hashKey: Buffer
    readonly quotas: Quotas
  }
  readonly tenants: LiveTenantDirectory
  readonly quarantine: Quarantine
  /** Undefined: the work is done elsewhere. */
  readonly worker: Worker | undefined
  readonly metrics: Metrics
  readonly log: Log
  /** Told of each verified delivery, before it is stored. */
  readonly onDelivery?: () => void
  /** Told when deliveries are stored; their answers wait for it. */
  readonly onArrivals: () => Promise<void> | void
  readonly seams?: Seams
}

export interface ServiceApps {
  /** For the world. */
  readonly app: Hono
  /** For operators, on a listener of its own. */
  readonly operator: Hono
}

export function createService(
  { role, trustedProxies = [] }: Pick<Config, 'role'> & Partial<Pick<Config, 'trustedProxies'>>,
  parts: ServiceParts,
): ServiceApps {
  const { store, tenants, quarantine, worker, metrics, log, onDelivery, onArrivals, seams = {} } = parts
  const { around = nothingAround } = seams
  const { pool } = store.database
  const events = around('events', createEventStore({ ...store, pool, onArrivals }))
  const record = (delivery: VerifiedDelivery) => {
    onDelivery?.()
    return events.record(delivery)
  }
  const outage = createOutage(log, {
    began: 'deliveries cannot be stored',
    over: 'deliveries are stored again',
  })
  const handlers = handlersOf(seams.integrations ?? integrations)
  const receive = createReceive({ tenants, events: { record }, handlers, quarantine, clock: systemClock })
  const readiness = createReadiness({ store, tenants, worker, outage, log })
  metrics.readNotices(noticesForMetrics(readiness, log))
  const shared = { ...readiness, outage, log, metrics }
  return {
    app: createHttpApp({ ...shared, trustedProxies, ...(role === 'worker' ? {} : { receive }) }),
    operator: createOperatorApp(shared),
  }
}

function noticesForMetrics({ notices }: Readiness, log: Log): ReadNotices {
  return async () => {
    try {
      return (await notices?.()) ?? []
    } catch (error) {
      // The other metrics are wanted most when the database is away.
      log.warn(safeError(error), 'notices not read for metrics')
      return []
    }
  }
}
