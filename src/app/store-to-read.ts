/** The stores of read-only commands: opening them creates neither a database nor tables, keys or a queue. */
import { randomBytes } from 'node:crypto'

import type { AuditLog, AuditReader } from '../access/audit.ts'
import { createAuditLog } from '../access/store/audit.ts'
import { NeedsPerson } from '../base/failure.ts'
import { createSealer, SealBroken } from '../base/seal.ts'
import type { Config } from '../config/environment.ts'
import { type Database, databaseOf, hasDatabase, openDatabase } from '../embedded-postgres/database.ts'
import type { HireReader } from '../hires/ports.ts'
import { createHireReader } from '../hires/store/hires.ts'
import { existingEncryptionKeys, keysMissing } from '../keys/encryption-keys.ts'
import { existingHashKey, opensWith } from '../keys/store/installation-keys.ts'
import { createThrottlingView } from '../limits/store/throttling.ts'
import type { Log } from '../observe/log.ts'
import type { ReplayReader } from '../operator/bulk-replay.ts'
import type { RunReader } from '../operator/operate.ts'
import type { StatusReader } from '../operator/status.ts'
import { createReplayReader } from '../operator/store/replays.ts'
import { createRunReader } from '../operator/store/runs.ts'
import { createStatusReader } from '../operator/store/status.ts'
import { createWhyReader } from '../operator/store/why.ts'
import type { WhyReader } from '../operator/why.ts'
import { pendingMigrations, wholeSchema } from '../postgres/migrate.ts'
import { createDatabaseRetry, queryable } from '../postgres/transaction.ts'
import type { SweepSchedule } from '../sweeps/ports.ts'
import { createSweepSchedule } from '../sweeps/store/sweep-schedule.ts'
import type { ConnectionStore, TenantStore } from '../tenants/ports.ts'
import { createConnectionReader } from '../tenants/store/connections.ts'
import { createTenantStore } from '../tenants/store/tenants.ts'
import type { Store } from './store.ts'

type Shared = 'database' | 'withDatabaseRetry' | 'sealer' | 'hashKey' | 'throttling'

/** The part of a `Store` that reads. */
export interface StoreToRead extends Pick<Store, Shared> {
  /** The ids of the available encryption keys. */
  readonly keys: readonly string[]
  readonly tenants: Pick<TenantStore, 'list' | 'open' | 'openAll'>
  readonly connections: Pick<ConnectionStore, 'list' | 'open' | 'mappings'>
  readonly runs: RunReader
  readonly replays: ReplayReader
  readonly sweeps: Pick<SweepSchedule, 'show' | 'latest'>
  readonly hires: HireReader
  /** The only one here that also writes: it records who was shown what in clear. */
  readonly audit: AuditLog & AuditReader
  readonly status: StatusReader
  readonly why: WhyReader
  close(): Promise<void>
}

/** Opening a missing embedded database would create it. */
export async function mustHaveDatabase({ databaseUrl, dataDir }: Config): Promise<void> {
  if (databaseUrl === undefined && !(await hasDatabase(dataDir))) throw noDatabase(dataDir)
}

export async function openDatabaseToRead(config: Config, log: Log): Promise<Database> {
  await mustHaveDatabase(config)
  return openDatabase({ ...databaseOf(config), log })
}

/** `forKeys`: opens even if a key is missing. */
export async function openStoreToRead(
  config: Config,
  { log, forKeys = false }: { readonly log: Log; readonly forKeys?: boolean },
): Promise<StoreToRead> {
  // A fault in the keys is reported before a database is started.
  const keys = await existingEncryptionKeys(config)
  const database = await openDatabaseToRead(config, log)
  try {
    const { pool } = database
    await mustBeOfThisVersion(pool)
    const opens = await opensWith(pool, keys)
    if (opens === 'no keys') throw keysMissing(config.dataDir)
    if (opens instanceof SealBroken && !forKeys) throw opens
    // Without any key, nothing is sealed or hashed yet, so any key will do to find nothing.
    const sealer = createSealer(keys.length === 0 ? [{ id: 'none', bytes: randomBytes(32) }] : keys)
    const existing = opens === true ? await existingHashKey(queryable(pool), sealer) : undefined
    const hashKey = existing ?? randomBytes(32)
    const hires = createHireReader({ pool, sealer, hashKey })
    return {
      database,
      withDatabaseRetry: createDatabaseRetry(async () => database.embedded?.ensureRunning()),
      keys: keys.map(({ id }) => id),
      sealer,
      get hashKey() {
        if (opens instanceof SealBroken) throw opens
        return hashKey
      },
      tenants: createTenantStore({ pool, sealer }),
      connections: createConnectionReader({ pool, sealer }),
      runs: createRunReader(pool),
      replays: createReplayReader(pool),
      throttling: createThrottlingView(pool),
      status: createStatusReader(pool),
      sweeps: createSweepSchedule({ pool, sealer }),
      hires,
      why: createWhyReader({ pool, hires, hashKey }),
      audit: createAuditLog(pool),
      close: () => database.close(),
    }
  } catch (error) {
    await database.close()
    throw error
  }
}

/** A newer schema is refused by the migrations themselves. */
async function mustBeOfThisVersion(pool: Database['pool']): Promise<void> {
  const pending = await pendingMigrations(pool)
  if (pending.length === 0) return
  if (pending[0]?.name === wholeSchema) {
    throw new NeedsPerson('store.database_empty', 'The database has none of our tables.', {
      fix: 'Check DATABASE_URL and DATA_DIR. To create the tables there, start the service or run: pinpoint-webhooks migrate',
    })
  }
  const names = pending.map(({ name }) => name).join(', ')
  throw new NeedsPerson(
    'store.database_older',
    `The database is of an older version: it lacks the migrations ${names}.`,
    { fix: 'Start the service of this version, or run: pinpoint-webhooks migrate' },
  )
}

function noDatabase(dataDir: string): NeedsPerson {
  return new NeedsPerson('store.no_database', `There is no database in ${dataDir}; is DATA_DIR right?`, {
    fix: 'Run this with the DATA_DIR of the service (a relative one counts from the folder in which it runs), or set DATABASE_URL.',
  })
}
