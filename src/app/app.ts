/**
 * The composition root: builds each part once, hands it what it needs, and closes in reverse order. Only here is known
 * which adapter stands behind a port.
 */
import { systemClock } from '../base/clock.ts'
import { createRecently } from '../base/recently.ts'
import { createSealer, SealBroken, type Sealer } from '../base/seal.ts'
import type { Config } from '../config/environment.ts'
import { describeProxies } from '../config/proxies.ts'
import { startBeginner } from '../dispatch/dispatcher.ts'
import { createArrivals } from '../dispatch/store/inbox.ts'
import { createQuotas } from '../dispatch/store/quotas.ts'
import { type Database, databaseOf, openDatabase } from '../embedded-postgres/database.ts'
import { createTenantDirectory } from '../intake/directory.ts'
import type { QuotaLimits, Quotas } from '../intake/ports.ts'
import { existingEncryptionKeys } from '../keys/encryption-keys.ts'
import { readHashKey } from '../keys/store/installation-keys.ts'
import { createTrafficView } from '../limits/store/throttling.ts'
import type { TrafficView } from '../limits/throttling.ts'
import type { Log } from '../observe/log.ts'
import { createMetrics } from '../observe/metrics.ts'
import type { ReplayDesk } from '../operator/bulk-replay.ts'
import type { RunDesk } from '../operator/operate.ts'
import { createReplayDesk } from '../operator/store/replays.ts'
import { createRunDesk } from '../operator/store/runs.ts'
import { poolSizeFor } from '../postgres/database.ts'
import { startListener } from '../postgres/listener.ts'
import { queryable } from '../postgres/transaction.ts'
import { createBacklogReader } from '../queue/store/backlog.ts'
import { openQueue, type Queue, type QueueOptions, wakeChannel } from '../queue/store/queue.ts'
import type { SweepSchedule } from '../sweeps/ports.ts'
import { createSweepSchedule } from '../sweeps/store/sweep-schedule.ts'
import type { ConnectionStore, DeclarationStore, TenantStore } from '../tenants/ports.ts'
import { createConnectionStore } from '../tenants/store/connections.ts'
import { createDeclarationStore } from '../tenants/store/declarations.ts'
import { createTenantStore, tenantsChannel } from '../tenants/store/tenants.ts'
import { openOutbound } from './calling-out.ts'
import { closing } from './closing.ts'
import { type Around, nothingAround, type Seams } from './decorate-ports.ts'
import { migrateDatabase, openKeys } from './opening-keys.ts'
import { openQuarantine } from './quarantining.ts'
import { createService } from './service.ts'
import { mustBeServable, serveBoth } from './serving.ts'
import { openWork } from './work.ts'

/** What the service and every command share: the migrated database and what is stored in it. */
export interface Store {
  readonly database: Database
  readonly sealer: Sealer
  /** Keys every keyed hash of this installation. */
  readonly hashKey: Buffer
  readonly queue: Queue
  readonly quotas: Quotas
  readonly tenants: TenantStore
  readonly connections: ConnectionStore
  readonly declarations: DeclarationStore
  readonly desk: RunDesk
  readonly traffic: TrafficView
  readonly replays: ReplayDesk
  readonly sweeps: SweepSchedule
  close(): Promise<void>
}

export interface StoreOptions extends Pick<QueueOptions, 'onDue' | 'onAnnounced' | 'timers'> {
  readonly log: Log
  /** This process also watches for jobs of dead workers. */
  readonly supervise?: boolean
  /** Connections at most. Default: by how many runs are worked on at once. */
  readonly poolSize?: number
  readonly around?: Around
  /** For commands about keys: a key that is not here is no reason not to open. Default false. */
  readonly forKeys?: boolean
}

export async function openStore(config: Config, options: StoreOptions): Promise<Store> {
  const {
    log,
    supervise = false,
    around = nothingAround,
    onDue,
    onAnnounced,
    timers,
    forKeys = false,
  } = options
  // What is wrong with keys that are there is told before a database is started; none are made for one that is not there.
  await existingEncryptionKeys(config)
  const { poolSize = poolSizeFor(config.workerConcurrency) } = options
  const opened = await openDatabase({ ...databaseOf(config), log, poolSize })
  const database = around('database', opened)
  try {
    const { pool } = database
    const openSealer = async () => createSealer(await openKeys(config, { pool, log }))
    const applied = await migrateDatabase(config, { pool, log })
    if (applied.length > 0) log.info({ applied }, 'migrations applied')
    const sealer = await openSealer()
    const reading = readHashKey(queryable(pool), sealer)
    const hashKey = await (forKeys ? unlessSealed(reading) : reading)
    const queue = await openQueue(pool, { supervise, log, onDue, onAnnounced, timers })
    return {
      database,
      sealer,
      get hashKey() {
        if (hashKey instanceof SealBroken) throw hashKey
        return hashKey
      },
      queue,
      quotas: createQuotas({ pool, limits: quotasOf(config), log }),
      tenants: createTenantStore({ pool, sealer }),
      connections: createConnectionStore({ pool, sealer, queue }),
      declarations: createDeclarationStore({ pool, sealer, queue }),
      desk: createRunDesk(pool, queue),
      traffic: createTrafficView(pool),
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

function quotasOf({ tenantEventsPerDay, tenantUnfinishedRuns }: Config): QuotaLimits {
  return { eventsPerDay: tenantEventsPerDay, unfinishedRuns: tenantUnfinishedRuns }
}

/** What does not open is thrown to whoever needs it. */
async function unlessSealed<T>(opening: Promise<T>): Promise<T | SealBroken> {
  try {
    return await opening
  } catch (error) {
    if (error instanceof SealBroken) return error
    throw error
  }
}

export interface Service {
  readonly url: string
  /** Metrics and the like. */
  readonly adminUrl: string
  /** Stops taking, finishes or hands back what is under way, closes everything. */
  close(): Promise<void>
}

export async function startService(config: Config, log: Log, seams: Seams = {}): Promise<Service> {
  const { around = nothingAround } = seams
  await mustBeServable(config)
  const own: { channels: Readonly<Record<string, () => void>> } = { channels: {} }
  const store = await openStore(config, {
    log,
    supervise: config.role !== 'intake',
    around,
    onAnnounced: (channel) => own.channels[channel]?.(),
  })
  const metrics = createMetrics({
    backlog: createBacklogReader({ pool: store.database.pool, log }),
    traffic: { read: () => store.traffic.counts(), log },
  })
  const tenants = createTenantDirectory({ store: store.tenants })
  const outbound = around('outbound', openOutbound(config, metrics))
  // Between two webhooks of a busy day lies less than this.
  const webhooks = createRecently(systemClock, 1000)
  const work = { store, outbound, metrics, log, seams, receiving: webhooks.recently }
  const working = config.role === 'intake' ? undefined : openWork(config, work)
  const { worker, background } = (await working?.catch(async (error: unknown) => {
    await outbound.close()
    await store.close()
    throw error
  })) ?? { worker: undefined, background: undefined }
  own.channels = { [wakeChannel]: () => worker?.wake(), ...background?.channels }
  const listener = startListener(
    store.database.directUrl,
    { ...others(own.channels, store.queue.teller), [tenantsChannel]: () => tenants.invalidate() },
    { log },
  )
  const arrivals = around('arrivals', createArrivals({ ...store, pool: store.database.pool, log }))
  const beginner = startBeginner({ arrivals, quotas: store.quotas, clock: systemClock, log })
  const quarantine = openQuarantine(config, { store, metrics, log })
  const parts = { beginner, quarantine, worker, background, listener, outbound, store }
  const close = closing(parts, config.shutdownGraceSeconds)
  try {
    const apps = createService(config, {
      ...{ ...work, tenants, quarantine, worker },
      onDelivery: webhooks.note,
      onArrivals: () => beginner.wake(),
    })
    const server = await serveBoth(apps, config, { log, metrics })
    tellWayOut(config, log)
    const { url, adminUrl } = server
    log.info({ url, admin: adminUrl, role: config.role }, 'ready')
    return {
      url,
      adminUrl,
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

function tellWayOut({ proxies, allowPrivateNetwork, privateDestinations }: Config, log: Log): void {
  if (allowPrivateNetwork) {
    log.warn(
      {},
      'DANGEROUS_ALLOW_PRIVATE_NETWORK is on: whoever may edit a tenant can reach into this network',
    )
  }
  if (privateDestinations.length > 0) {
    log.info({ privateDestinations }, 'destinations on private addresses that may be called')
  }
  const { httpsProxy, httpProxy, noProxy } = describeProxies(proxies)
  if (httpsProxy !== undefined || httpProxy !== undefined) {
    log.info({ httpsProxy, httpProxy, noProxy }, 'destinations are called through a proxy')
  }
}

/** What this process has announced itself it has acted on already. */
function others(channels: Readonly<Record<string, () => void>>, own: string) {
  return Object.fromEntries(
    Object.entries(channels).map(([channel, wake]) => [
      channel,
      (teller: string) => {
        if (teller !== own) wake()
      },
    ]),
  )
}
