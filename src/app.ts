/**
 * The composition root: builds each part once, hands it what it needs, and closes in reverse order. Only here is known
 * which adapter stands behind a port.
 */
import type { Hono } from 'hono'

import { systemClock } from './base/clock.ts'
import { createSealer, type Sealer } from './base/seal.ts'
import { openSweeper } from './compose/sweeping.ts'
import { loadEncryptionKeys } from './config/encryption-keys.ts'
import type { Config } from './config/environment.ts'
import { processIdentity } from './config/process-identity.ts'
import { createHttpApp, serveHttp } from './http/server.ts'
import { createReceive } from './intake/receive.ts'
import { handlers, integrations } from './integrations/registry.ts'
import type { Log } from './observe/log.ts'
import { createMetrics, type Metrics } from './observe/metrics.ts'
import { createOutage } from './observe/outage.ts'
import { createOutbound, type Outbound } from './outbound/outbound.ts'
import type { ReplayDesk } from './runs/bulk-replay.ts'
import { createCachedReads } from './runs/cached-reads.ts'
import { createConnectionLimits } from './runs/connection-limits.ts'
import type { RunDesk } from './runs/operate.ts'
import { createPerform } from './runs/perform.ts'
import type { SweepSchedule } from './runs/sweep-ports.ts'
import { startWorker, type Worker } from './runs/worker.ts'
import { createConnectionStore } from './store/connections.ts'
import { type Database, openDatabase } from './store/database.ts'
import { createDeclarationStore } from './store/declarations.ts'
import { createEventStore } from './store/deliveries.ts'
import { readHashKey } from './store/installation-keys.ts'
import { createJournal } from './store/journal.ts'
import { createLedger } from './store/ledger.ts'
import { createLimitStore } from './store/limits.ts'
import { startListener } from './store/listener.ts'
import { migrate } from './store/migrate.ts'
import { openQueue, type Queue, type QueueOptions, wakeChannel } from './store/queue.ts'
import { createDatabaseCheck } from './store/readiness.ts'
import { createReplayDesk } from './store/replays.ts'
import { createRunDesk } from './store/run-desk.ts'
import { createRunStore } from './store/runs.ts'
import { createSweepSchedule } from './store/sweep-schedule.ts'
import { takeOverFromDead } from './store/takeover.ts'
import { createTenantStore, tenantsChannel } from './store/tenants.ts'
import { createAgain } from './store/transaction.ts'
import { createTenantDirectory, type LiveTenantDirectory } from './tenants/directory.ts'
import type { ConnectionStore, DeclarationStore, TenantStore } from './tenants/ports.ts'

/** What the service and every command share: the migrated database and what is stored in it. */
export interface Store {
  readonly database: Database
  readonly sealer: Sealer
  readonly queue: Queue
  readonly tenants: TenantStore
  readonly connections: ConnectionStore
  readonly declarations: DeclarationStore
  readonly desk: RunDesk
  readonly replays: ReplayDesk
  readonly sweeps: SweepSchedule
  close(): Promise<void>
}

export interface StoreOptions extends Pick<QueueOptions, 'onDue' | 'timers'> {
  readonly log: Log
  /** This process also watches for jobs of dead workers. */
  readonly supervise?: boolean
  /** Connections at most. Default: by how many runs are worked on at once. */
  readonly poolSize?: number
}

export async function openStore(config: Config, options: StoreOptions): Promise<Store> {
  const { log, supervise = false, onDue, timers = true } = options
  // Every run in flight may hold a connection for a moment; intake, heartbeats and supervision need some of their own.
  const { poolSize = Math.min(40, 6 + Math.ceil(config.workerConcurrency / 2)) } = options
  const keys = await loadEncryptionKeys(config, (message) => log.warn({}, message))
  const sealer = createSealer(keys)
  const database = await openDatabase({
    databaseUrl: config.databaseUrl,
    dataDir: config.dataDir,
    log,
    poolSize,
  })
  try {
    const { pool } = database
    const applied = await migrate(pool)
    if (applied.length > 0) log.info({ applied }, 'migrations applied')
    const queue = await openQueue(pool, { supervise, log, onDue, timers })
    return {
      database,
      sealer,
      queue,
      tenants: createTenantStore({ pool, sealer }),
      connections: createConnectionStore({ pool, sealer }),
      declarations: createDeclarationStore({ pool, sealer }),
      desk: createRunDesk(pool, queue),
      replays: createReplayDesk(pool, queue),
      sweeps: createSweepSchedule({ pool, sealer }),
      async close() {
        await queue.close()
        await database.close()
      },
    }
  } catch (error) {
    await database.close()
    throw error
  }
}

export interface Service {
  readonly url: string
  /** Stops taking, finishes or hands back what is under way, closes everything. */
  close(): Promise<void>
}

export async function startService(config: Config, log: Log): Promise<Service> {
  const store = await openStore(config, { log, supervise: config.role !== 'intake' })
  const metrics = createMetrics()
  const tenants = createTenantDirectory({ store: store.tenants })
  const outbound = openOutbound(config, metrics)
  const worker =
    config.role === 'intake' ? undefined : await openOwnWorker(config, { store, outbound, metrics, log })
  const sweeper = config.role === 'intake' ? undefined : await openSweeper({ store, outbound, metrics, log })
  const listener = startListener(
    store.database.url,
    { [wakeChannel]: () => worker?.wake(), [tenantsChannel]: () => tenants.invalidate() },
    { log },
  )
  const close = async () => {
    const grace = config.shutdownGraceSeconds
    await Promise.all([worker?.stop(grace), sweeper?.stop(grace)])
    await listener.close()
    await outbound.close()
    await store.close()
  }
  try {
    const app = createService(config, { store, tenants, worker, metrics, log })
    const server = await serveHttp(app, { host: config.host, port: config.port })
    log.info({ url: server.url, role: config.role }, 'ready')
    return {
      url: server.url,
      async close() {
        await server.close()
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

export function openOutbound(config: Config, metrics?: Metrics): Outbound {
  return createOutbound({
    allowPrivateNetwork: config.allowPrivateNetwork,
    clock: systemClock,
    onCall: ({ destination, bucket, status, milliseconds }) =>
      metrics?.outboundSeconds.observe({ destination, bucket, status: String(status) }, milliseconds / 1000),
  })
}

export interface Parts {
  readonly store: Store
  readonly metrics: Metrics
  readonly log: Log
}

/** A worker that first hands on the runs of workers of this machine that are gone. */
async function openOwnWorker(
  config: Config,
  parts: Parts & { readonly outbound: Outbound },
): Promise<Worker> {
  const identity = processIdentity()
  const { store, log } = parts
  const handedOn = await takeOverFromDead(store.database.pool, store.queue, async (name) =>
    identity.isGone(name),
  )
  if (handedOn > 0) log.info({ runs: handedOn }, 'runs of a killed worker of this machine handed on')
  return openWorker(config, { ...parts, name: identity.name })
}

/** `name`: who holds the runs that it takes. */
export async function openWorker(
  config: Pick<Config, 'workerConcurrency'>,
  { store, outbound, metrics, log, name }: Parts & { readonly outbound: Outbound; readonly name: string },
): Promise<Worker> {
  const { database, sealer, queue } = store
  const { pool } = database
  const again = createAgain(async () => database.embedded?.ensureRunning())
  const limits = createConnectionLimits({ store: createLimitStore(pool), clock: systemClock, log })
  const cached = createCachedReads(systemClock)
  const perform = createPerform({
    integrations: new Map(integrations.map((integration) => [integration.name, integration])),
    journal: createJournal(pool, sealer, again),
    ledger: createLedger({ pool, again, hashKey: await readHashKey(pool, sealer) }),
    clock: systemClock,
    log,
    download: outbound.download,
    openHttp: (run) => outbound.openHttp(limits(run), { readOnly: false }),
    cached: (run) => cached(run.connection.id),
  })
  return startWorker({
    queue,
    runs: createRunStore({ pool, queue, sealer, again }),
    perform,
    clock: systemClock,
    log,
    concurrency: config.workerConcurrency,
    name,
    onSettled: ({ lease, integration, attempt }, settlement) => {
      metrics.settledRuns.inc({ integration, state: settlement.state })
      const code = 'code' in settlement ? { code: settlement.code } : {}
      log.info({ run: lease.run, integration, attempt, state: settlement.state, ...code }, 'try ended')
    },
  })
}

/** All of the service's HTTP, for a server or for whatever else hands it requests. */
export function createService(
  config: Pick<Config, 'role'>,
  parts: Parts & { readonly tenants: LiveTenantDirectory; readonly worker: Worker | undefined },
): Hono {
  const { store, tenants, worker, metrics, log } = parts
  const { database, queue, sealer } = store
  const events = createEventStore({ pool: database.pool, queue, sealer })
  const outage = createOutage(log, {
    began: 'deliveries cannot be stored',
    over: 'deliveries are stored again',
  })
  const receive = createReceive({ tenants, events, handlers })
  return createHttpApp({
    ...(config.role === 'worker' ? {} : { receive }),
    outage,
    log,
    metrics,
    readiness: [
      { name: 'database', problem: createDatabaseCheck(database.pool, log) },
      // A database that answers may still take nothing, because its disk is full for example.
      { name: 'intake', problem: async () => outage.problem() },
      ...(worker === undefined
        ? []
        : [
            {
              name: 'worker',
              problem: async () => (worker.healthy() ? undefined : 'Jobs cannot be fetched.'),
            },
          ]),
    ],
  })
}
