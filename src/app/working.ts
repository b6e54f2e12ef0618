/** What runs are worked on with: the engine over its stores and the outside, and the worker that takes them. */
import { systemClock } from '../base/clock.ts'
import type { Sealer } from '../base/seal.ts'
import type { Config } from '../config/environment.ts'
import { processIdentity } from '../config/process-identity.ts'
import { createLedger } from '../effects/store/ledger.ts'
import type { Database } from '../embedded-postgres/database.ts'
import { integrations } from '../integrations/registry.ts'
import { createRunGates } from '../limits/run-interceptors.ts'
import { createTrafficStores } from '../limits/store/throttling.ts'
import { type Alerts, createAlerts } from '../observe/alerts.ts'
import type { Log } from '../observe/log.ts'
import type { Metrics } from '../observe/metrics.ts'
import type { Outbound } from '../outbound/outbound.ts'
import { createDatabaseRetry, type DatabaseRetry } from '../postgres/transaction.ts'
import type { Queue } from '../queue/store/queue.ts'
import { createJournal } from '../runs/store/journal.ts'
import { createRunStore } from '../runs/store/runs.ts'
import { takeOverFromDead } from '../runs/store/takeover.ts'
import { createCachedReads } from '../worker/cached-reads.ts'
import { createHeldFiles } from '../worker/held-files.ts'
import { createPerform, type Perform } from '../worker/perform.ts'
import { createSharedHires } from '../worker/shared-hires.ts'
import { startWorker, type Worker } from '../worker/worker.ts'
import { nothingAround, type Seams } from './decorate-ports.ts'
import { withParking } from './parking.ts'

export interface WorkParts {
  readonly store: {
    readonly database: Database
    readonly queue: Queue
    readonly sealer: Sealer
    readonly hashKey: Buffer
  }
  readonly outbound: Outbound
  readonly metrics: Metrics
  readonly log: Log
  /** True while webhooks come in to this process. */
  readonly receiving?: () => boolean
  readonly seams?: Seams
}

/** A worker that first hands on the runs of workers of this machine that are gone. */
export async function openOwnWorker(config: Config, parts: WorkParts): Promise<Worker> {
  const { store, log, seams: { around = nothingAround } = {} } = parts
  const { database, queue } = store
  const identity = processIdentity()
  const withDatabaseRetry = createDatabaseRetry(async () => database.embedded?.ensureRunning())
  const handOver = around('takeOver', {
    takeOver: () =>
      withDatabaseRetry(() => takeOverFromDead(database.pool, queue, async (name) => identity.isGone(name))),
  })
  const handedOn = await handOver.takeOver()
  if (handedOn > 0) log.info({ runs: handedOn }, 'runs of a killed worker of this machine handed on')
  return openWorker(config, { ...parts, name: identity.name })
}

/** `name`: who holds the runs that it takes. */
export async function openWorker(
  config: Config,
  parts: WorkParts & { readonly name: string },
): Promise<Worker> {
  const { store, metrics, log, name, receiving, seams = {} } = parts
  const { around = nothingAround } = seams
  const { database, sealer, queue } = store
  const { pool } = database
  const withDatabaseRetry = createDatabaseRetry(async () => database.embedded?.ensureRunning())
  const alerts = createAlerts(log, metrics)
  const address = config.egressName
  const perform = await openPerform(parts, { withDatabaseRetry, alerts, address })
  const onPaused = (paused: Parameters<Alerts['raise']>[1]) => alerts.raise('connection_paused', paused)
  return startWorker({
    queue: around('queue', queue),
    runs: around('runs', createRunStore({ pool, queue, sealer, withDatabaseRetry, address, onPaused })),
    perform: around('perform', perform),
    clock: systemClock,
    log,
    concurrency: config.workerConcurrency,
    receiving,
    name,
    onSettled: ({ lease, integration, attempt }, settlement) => {
      metrics.settledRuns.inc({ integration, state: settlement.state })
      const code = 'code' in settlement ? { code: settlement.code } : {}
      log.info({ run: lease.run, integration, attempt, state: settlement.state, ...code }, 'try ended')
    },
  })
}

interface Shared {
  readonly withDatabaseRetry: DatabaseRetry
  readonly alerts: Alerts
  readonly address: string
}

async function openPerform(
  { store, outbound, log, seams = {} }: WorkParts,
  { withDatabaseRetry, alerts, address }: Shared,
): Promise<Perform> {
  const { around = nothingAround, integrations: all = integrations, callSeconds } = seams
  const { sealer, queue, hashKey } = store
  const { pool } = store.database
  const { limits, circuits } = createTrafficStores({ pool, queue, withDatabaseRetry })
  const cached = createCachedReads(systemClock)
  return createPerform({
    integrations: new Map(all.map((integration) => [integration.name, integration])),
    journal: around('journal', createJournal(pool, sealer, withDatabaseRetry)),
    ...withParking(around('ledger', createLedger({ pool, sealer, withDatabaseRetry, hashKey })), {
      hashKey,
      log,
    }),
    callSeconds,
    clock: systemClock,
    log,
    files: createHeldFiles({ download: outbound.download, clock: systemClock }),
    openGate: createRunGates({
      limits: around('limits', limits),
      circuits,
      alerts,
      clock: systemClock,
      log,
      address,
    }),
    openHttp: (gate) => outbound.openHttp(gate, { readOnly: false }),
    cached: (run) => cached(run.connection.id),
    sharedHires: createSharedHires(systemClock),
  })
}
