/** Composes what runs need: the engine with its stores and outbound calls, and the worker that claims runs. */
import { systemClock } from '../base/clock.ts'
import type { Config } from '../config/environment.ts'
import { processIdentity } from '../config/process-identity.ts'
import { createLedger } from '../effects/store/ledger.ts'
import { integrations } from '../integrations/registry.ts'
import { createRunInterceptors } from '../limits/run-interceptor.ts'
import { createThrottlingStores } from '../limits/store/throttling.ts'
import { type Alerts, createAlerts } from '../observe/alerts.ts'
import type { Metrics } from '../observe/metrics.ts'
import { createFingerprint } from '../parking/fingerprint.ts'
import { createParking } from '../parking/parked.ts'
import { pinpointNeeds } from '../pinpoint/client.ts'
import { createJournal } from '../runs/store/journal.ts'
import { createRunStore } from '../runs/store/runs.ts'
import { takeOverFromDead } from '../runs/store/takeover.ts'
import { createRefusedExtras } from '../tenants/store/refused-extras.ts'
import { createCachedReads } from '../worker/cached-reads.ts'
import { createHeldFiles } from '../worker/held-files.ts'
import { createPerform, type Perform } from '../worker/perform.ts'
import { createSharedHires, type SharedHires } from '../worker/shared-hires.ts'
import { startWorker, type Worker } from '../worker/worker.ts'
import { undecorated } from './decorate-ports.ts'
import type { CallerParts } from './outbound.ts'
import type { Store } from './store.ts'

export interface WorkerParts extends CallerParts {
  readonly store: Store
  readonly metrics: Metrics
  /** True while this process receives webhooks. */
  readonly receiving?: () => boolean
  /** Shared with the rechecks of this process. Default: its own. */
  readonly sharedHires?: SharedHires
}

/** A worker that first hands over the runs of dead workers of this machine. */
export async function openServiceWorker(config: Config, parts: WorkerParts): Promise<Worker> {
  const { store, log, options: { decorate = undecorated } = {} } = parts
  const { database, queue, withDatabaseRetry } = store
  const identity = processIdentity()
  const handOver = decorate('takeOver', {
    takeOver: () =>
      withDatabaseRetry(() => takeOverFromDead(database.pool, queue, async (name) => identity.isGone(name))),
  })
  const handedOn = await handOver.takeOver()
  if (handedOn > 0) log.info({ runs: handedOn }, 'runs of a killed worker of this machine handed on')
  return openWorker(config, { ...parts, name: identity.name })
}

/** `name`: the worker that holds the claimed runs. */
export function openWorker(config: Config, parts: WorkerParts & { readonly name: string }): Worker {
  const { store, metrics, log, name, address, receiving, options: { decorate = undecorated } = {} } = parts
  const { database, sealer, hashKey, queue, withDatabaseRetry } = store
  const alerts = createAlerts(log, metrics)
  const runs = createRunStore({
    ...{ pool: database.pool, queue, sealer, hashKey, withDatabaseRetry, address },
    onPaused: (paused) => alerts.raise('connection_paused', paused),
  })
  return startWorker({
    queue: decorate('queue', queue),
    runs: decorate('runs', runs),
    perform: decorate('perform', openPerform(parts, alerts)),
    clock: systemClock,
    log,
    concurrency: config.workerConcurrency,
    receiving,
    name,
    onSettled: ({ lease, integration, attempt }, settlement) => {
      const { state, calls } = settlement
      metrics.settledRuns.inc({ integration, state })
      const code = 'code' in settlement ? { code: settlement.code } : {}
      log.info({ run: lease.run, integration, attempt, state, ...code, calls }, 'attempt ended')
    },
  })
}

function openPerform(parts: WorkerParts, alerts: Alerts): Perform {
  const { store, outbound, log, address, sharedHires = createSharedHires(systemClock), options = {} } = parts
  const { decorate = undecorated, integrations: all = integrations, callSeconds } = options
  const { sealer, queue, hashKey, withDatabaseRetry } = store
  const { pool } = store.database
  const { limits, circuits } = createThrottlingStores({ pool, queue, withDatabaseRetry })
  const ledger = decorate('ledger', createLedger({ pool, sealer, withDatabaseRetry, hashKey }))
  const fingerprint = createFingerprint(hashKey)
  const cached = createCachedReads(systemClock)
  const clocked = { clock: systemClock, log }
  return createPerform({
    integrations: new Map(all.map((integration) => [integration.name, integration])),
    journal: decorate('journal', createJournal(pool, sealer, withDatabaseRetry)),
    ledger,
    parking: createParking({ fingerprint, ledger, ...clocked }),
    callSeconds,
    ...clocked,
    files: createHeldFiles({ download: outbound.download, clock: systemClock }),
    openInterceptor: createRunInterceptors({
      limits: decorate('limits', limits),
      circuits,
      alerts,
      ...clocked,
      address,
      pinpointLimits: outbound.limitsOf(pinpointNeeds.destination, pinpointNeeds.limits),
    }),
    openHttp: (interceptor, counting) => outbound.openHttp(interceptor, { readOnly: false, ...counting }),
    cached: ({ connection, readsAfresh: afresh }) =>
      cached(`${connection.id} ${connection.revision}`, { afresh }),
    cachedJobs: ({ tenant, readsAfresh: afresh }) => cached(`${tenant.id} ${tenant.apiUrl}`, { afresh }),
    sharedHires,
    refusedExtras: createRefusedExtras(pool, withDatabaseRetry),
  })
}
