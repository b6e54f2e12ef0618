/** The stores of the service and of every command: the database, migrated to this version, and the stores in it. */
import type { AuditLog } from '../access/audit.ts'
import { createAuditLog } from '../access/store/audit.ts'
import { createSealer, type EncryptionKey, SealBroken, type Sealer } from '../base/seal.ts'
import type { Config } from '../config/environment.ts'
import { createInbox } from '../dispatch/store/inbox.ts'
import { createQuotas } from '../dispatch/store/quotas.ts'
import { type Database, databaseOf, openDatabase } from '../embedded-postgres/database.ts'
import type { Inbox, Quotas } from '../intake/ports.ts'
import { existingEncryptionKeys, keysMissing, loadEncryptionKeys } from '../keys/encryption-keys.ts'
import type { ProcessStore } from '../keys/ports.ts'
import { opensWith, readHashKey } from '../keys/store/installation-keys.ts'
import { createProcessStore } from '../keys/store/processes.ts'
import { createThrottlingView } from '../limits/store/throttling.ts'
import type { ThrottlingView } from '../limits/throttling.ts'
import type { ReadBacklog } from '../observe/backlog.ts'
import type { Log } from '../observe/log.ts'
import type { ReplayAdmin } from '../operator/bulk-replay.ts'
import type { RunAdmin } from '../operator/operate.ts'
import { createReplayAdmin } from '../operator/store/replays.ts'
import { createRunAdmin } from '../operator/store/runs.ts'
import { resumeChanged } from '../parking/store/changed-connections.ts'
import { poolSizeFor } from '../postgres/database.ts'
import { migrate, type MigrateOptions } from '../postgres/migrate.ts'
import { createDatabaseRetry, type DatabaseRetry, queryable } from '../postgres/transaction.ts'
import { migrationSteps } from '../privacy/store/rekey.ts'
import { createBacklogReader } from '../queue/store/backlog.ts'
import { nextDueInSeconds } from '../queue/store/next-due.ts'
import { openQueue, type Queue, type QueueOptions } from '../queue/store/queue.ts'
import type { SweepSchedule } from '../sweeps/ports.ts'
import { createSweepSchedule } from '../sweeps/store/sweep-schedule.ts'
import type { ConnectionStore, DeclarationStore, TenantStore } from '../tenants/ports.ts'
import { createConnectionStore } from '../tenants/store/connections.ts'
import { createDeclarationStore } from '../tenants/store/declarations.ts'
import { createTenantStore } from '../tenants/store/tenants.ts'
import { type DecoratePort, undecorated } from './decorate-ports.ts'

export interface Store {
  readonly database: Database
  readonly withDatabaseRetry: DatabaseRetry
  readonly sealer: Sealer
  /** The key of every keyed hash of this installation. */
  readonly hashKey: Buffer
  readonly queue: Queue
  readonly inbox: Inbox
  readonly quotas: Quotas
  readonly tenants: TenantStore
  readonly connections: ConnectionStore
  readonly declarations: DeclarationStore
  readonly runs: RunAdmin
  readonly throttling: ThrottlingView
  readonly replays: ReplayAdmin
  readonly sweeps: SweepSchedule
  readonly processes: ProcessStore
  readonly audit: AuditLog
  readonly backlog: ReadBacklog
  /** Resumes runs that are parked until their connection changes, if it has changed. Returns how many. */
  resumeChanged(): Promise<number>
  /** Seconds until the next due run: 0: one is due now. Undefined: none waits. */
  nextDueInSeconds(): Promise<number | undefined>
  close(): Promise<void>
}

export interface StoreOptions extends Pick<QueueOptions, 'timers' | 'wakeUps'> {
  readonly log: Log
  /** This process also watches for jobs of dead workers. */
  readonly supervise?: boolean
  /** Maximum number of connections. Default: derived from `WORKER_CONCURRENCY`. */
  readonly poolSize?: number
  readonly decorate?: DecoratePort | undefined
  /** For commands about keys: opens even if a key is missing. Default false. */
  readonly forKeys?: boolean
}

export async function openStore(config: Config, options: StoreOptions): Promise<Store> {
  const { log, poolSize = poolSizeFor(config.workerConcurrency), decorate = undecorated } = options
  // A fault in existing keys is reported before a database is started; none are made for a missing database.
  await existingEncryptionKeys(config)
  const opened = await openDatabase({ ...databaseOf(config), log, poolSize })
  const database = decorate('database', opened)
  try {
    return await storeOf(database, config, options)
  } catch (error) {
    await database.close()
    throw error
  }
}

async function storeOf(database: Database, config: Config, options: StoreOptions): Promise<Store> {
  const { log, supervise = false, forKeys = false, decorate = undecorated, timers, wakeUps } = options
  const { pool } = database
  const applied = await migrateDatabase(config, { pool, log })
  if (applied.length > 0) log.info({ applied }, 'migrations applied')
  const sealer = createSealer(await encryptionKeys(config, { pool, log }))
  const reading = readHashKey(queryable(pool), sealer)
  const hashKey = await (forKeys ? unlessSealed(reading) : reading)
  const queue = await openQueue(pool, { supervise, log, timers, wakeUps })
  const quotas = createQuotas({ pool, limits: quotasOf(config), log })
  return {
    database,
    withDatabaseRetry: createDatabaseRetry(async () => database.embedded?.ensureRunning()),
    sealer,
    get hashKey() {
      if (hashKey instanceof SealBroken) throw hashKey
      return hashKey
    },
    queue,
    inbox: decorate('inbox', createInbox({ pool, queue, quotas, log })),
    quotas,
    tenants: createTenantStore({ pool, sealer }),
    connections: createConnectionStore({ pool, sealer }),
    declarations: createDeclarationStore({ pool, sealer }),
    resumeChanged: () => resumeChanged(pool, queue),
    runs: createRunAdmin(pool, queue),
    throttling: createThrottlingView(pool),
    replays: createReplayAdmin(pool, queue),
    sweeps: createSweepSchedule({ pool, sealer }),
    processes: createProcessStore(pool),
    audit: createAuditLog(pool),
    backlog: createBacklogReader({ pool, log }),
    nextDueInSeconds: () => nextDueInSeconds(pool),
    async close() {
      await queue.close()
      await database.close()
    },
  }
}

function quotasOf({ tenantEventsPerDay, tenantUnfinishedRuns }: Config) {
  return { eventsPerDay: tenantEventsPerDay, unfinishedRuns: tenantUnfinishedRuns }
}

type Opened = Pick<Database, 'pool'> & { readonly log: Log }

/** The names of the migrations that this call applied. */
export async function migrateDatabase(
  config: Config,
  opened: Opened,
  onNext?: MigrateOptions['onNext'],
): Promise<readonly string[]> {
  const openSealer = async () => createSealer(await encryptionKeys(config, opened))
  return migrate(opened.pool, { steps: migrationSteps(openSealer), onNext })
}

/** Makes a key if nothing is sealed yet, and never beside data that other keys have sealed. */
async function encryptionKeys(config: Config, { pool, log }: Opened): Promise<readonly EncryptionKey[]> {
  // In this order: another process that starts on a new database makes its key before it seals anything.
  if (
    config.encryptionKeys === undefined &&
    (await opensWith(pool, [])) === 'no keys' &&
    (await existingEncryptionKeys(config)).length === 0
  )
    throw keysMissing(config.dataDir)
  return loadEncryptionKeys(config, (message) => log.warn({}, message))
}

/** Returns the failure to decrypt, to be thrown to whatever needs the value. */
async function unlessSealed<T>(opening: Promise<T>): Promise<T | SealBroken> {
  try {
    return await opening
  } catch (error) {
    if (error instanceof SealBroken) return error
    throw error
  }
}
