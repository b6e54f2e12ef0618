/** Examines the database and reports in plain sentences. Reads only; safe beside a running service. */
import type pg from 'pg'

import { Failure } from '../../base/failure.ts'
import { createSealer, type EncryptionKey } from '../../base/seal.ts'
import type { Database } from '../../embedded-postgres/database.ts'
import { opensWith } from '../../keys/store/installation-keys.ts'
import { safeError } from '../../observe/log.ts'
import { listenWorks } from '../../postgres/listen-check.ts'
import { pendingMigrations } from '../../postgres/migrate.ts'
import { refusalOf } from '../../postgres/refusal.ts'
import { DatabaseAway, queryable } from '../../postgres/transaction.ts'
import { weakSecrets } from '../../tenants/signing-secrets.ts'
import { secretsOfTenants } from '../../tenants/store/declarations.ts'
import { createTenantStore } from '../../tenants/store/tenants.ts'
import type { Finding } from '../finding.ts'
import { databaseTls } from './database-tls.ts'
import { lockedTenants, noticesOf } from './notices.ts'
import { schemaDrift } from './schema-drift.ts'
import { workFindings } from './work.ts'

/** All findings; only the connection's own when the database cannot be reached. */
export async function doctor(
  { pool, directUrl, embedded }: Database,
  keys: readonly EncryptionKey[],
): Promise<readonly Finding[]> {
  const reached = await reach(pool)
  if (!reached.ok) return [reached]
  return [
    reached,
    ...(embedded === undefined ? databaseTls([urlOf(pool), directUrl]) : []),
    await serverVersion(pool),
    await migrations(pool),
    ...(await drift(pool)),
    await queueTables(pool),
    ...(await noticesOf({ pool, embedded })),
    ...((await isOfThisVersion(pool)) ? await workFindings(queryable(pool)) : []),
    ...(await sealed(pool, keys)),
    ...(await signingSecrets(pool, keys)),
    await durability(pool),
    await clocks(pool),
    await notifications(pool, directUrl),
  ]
}

function urlOf({ options }: pg.Pool): string {
  return options.connectionString ?? ''
}

async function reach(pool: pg.Pool): Promise<Finding> {
  const what = 'Connection'
  try {
    await pool.query('select 1')
    return { ok: true, what, because: 'The database answers.' }
  } catch (error) {
    const refused = refusalOf(error)
    if (refused !== undefined) return { ok: false, what, because: `${refused.message} ${refused.fix}` }
    const pooler = new DatabaseAway(error).code === 'store.database_pooler'
    const hint = pooler ? ' Where it leads through a pooler, set DATABASE_DIRECT_URL or DATABASE_POOLED.' : ''
    const because = `The database does not answer${toldCode(error)}. Check that it runs and what DATABASE_URL says.${hint}`
    return { ok: false, what, because }
  }
}

function toldCode(error: unknown): string {
  const { code } = safeError(error)
  return typeof code === 'string' ? ` (${code})` : ''
}

async function serverVersion(pool: pg.Pool): Promise<Finding> {
  const { version = 0 } = await one<{ version: number }>(
    pool,
    `select current_setting('server_version_num')::int as version`,
  )
  const major = Math.floor(version / 10_000)
  const ok = major >= 15
  return {
    ok,
    what: 'PostgreSQL',
    because: ok ? `Version ${major}.` : `Version ${major}; 15 or later is needed.`,
  }
}

async function migrations(pool: pg.Pool): Promise<Finding> {
  const what = 'Migrations'
  try {
    const names = (await pendingMigrations(pool)).map(({ name }) => name)
    if (names.length === 0) return { ok: true, what, because: 'All are applied.' }
    const because = `Not applied yet: ${names.join(', ')}. Run \`pinpoint-webhooks migrate\`.`
    return { ok: false, what, because }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const fix = 'fix' in error && typeof error.fix === 'string' ? ` ${error.fix}` : ''
    return { ok: false, what, because: error.message + fix }
  }
}

async function isOfThisVersion(pool: pg.Pool): Promise<boolean> {
  return (await migrations(pool)).ok
}

async function drift(pool: pg.Pool): Promise<readonly Finding[]> {
  const what = 'Tables'
  try {
    const found = await schemaDrift(pool)
    if (found.length === 0) return [{ ok: true, what, because: 'They are as the migrations make them.' }]
    return found.map(({ what: piece, how, repair }) =>
      repair === undefined
        ? {
            ok: false,
            what,
            because: `The ${piece} is ${how}: it was changed by hand. Compare it with migrations/.`,
          }
        : { ok: false, what, because: `The ${piece} is ${how}. Run the repair below.`, repair },
    )
  } catch (error) {
    // Other migrations are reported above; there is nothing to compare the tables with.
    if (!(error instanceof Failure)) throw error
    return [{ ok: false, what, because: 'They could not be compared with the migrations.' }]
  }
}

async function queueTables(pool: pg.Pool): Promise<Finding> {
  const { there } = await one<{ there: boolean }>(
    pool,
    `select to_regclass('pgboss.version') is not null as there`,
  )
  const what = 'Queue'
  if (there === true) return { ok: true, what, because: 'Its tables exist.' }
  return (await hasTenants(pool))
    ? { ok: false, what, because: 'Its tables are missing. Start a service: it creates them.' }
    : {
        ok: true,
        what,
        because: 'No service has started on this database yet; the first one creates its tables.',
      }
}

async function hasTenants(pool: pg.Pool): Promise<boolean> {
  const { tables } = await one<{ tables: boolean }>(
    pool,
    `select to_regclass('tenants') is not null as tables`,
  )
  if (tables !== true) return false
  return (await one<{ some: boolean }>(pool, 'select exists (select from tenants) as some')).some === true
}

/** A backup restored without its keys looks whole in everything else. */
async function sealed(pool: pg.Pool, keys: readonly EncryptionKey[]): Promise<readonly Finding[]> {
  const what = 'Keys'
  const opens = await opensWith(pool, keys)
  if (opens === undefined) return []
  if (opens === true) {
    const tenants = await createTenantStore({ pool, sealer: createSealer(keys) }).openAll()
    const locked = tenants.filter(({ opened }) => opened instanceof Failure).map(({ slug }) => slug)
    return [{ ok: true, what, because: 'They decrypt what is in the database.' }, lockedTenants(locked)]
  }
  const found = opens === 'no keys' ? 'There are none.' : opens.message
  const because = `${found} Bring back ENCRYPTION_KEYS or DATA_DIR/encryption-keys as they were.`
  return [{ ok: false, what, because }]
}

/** Secrets from before short and shared ones were refused. */
async function signingSecrets(pool: pg.Pool, keys: readonly EncryptionKey[]): Promise<readonly Finding[]> {
  if ((await opensWith(pool, keys)) !== true) return []
  const what = 'Signing secrets'
  const weak = weakSecrets(await secretsOfTenants(queryable(pool), createSealer(keys)))
  if (weak.length === 0)
    return [{ ok: true, what, because: 'Each is long enough, and none belongs to two companies.' }]
  return weak.map((because) => ({
    ...{ ok: false, what },
    because: `${because} Set another one in Pinpoint, and \`apply\` the file with both until no webhook uses the old one.`,
  }))
}

/** Without both, acknowledged webhooks can be lost in a power cut. */
async function durability(pool: pg.Pool): Promise<Finding> {
  const what = 'Durability'
  const { fsync, commit } = await one<{ fsync: string; commit: string }>(
    pool,
    `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit`,
  )
  const ok = fsync === 'on' && commit !== 'off'
  return ok
    ? { ok, what, because: 'fsync and synchronous_commit are on.' }
    : {
        ok,
        what,
        because: `fsync is ${fsync} and synchronous_commit is ${commit}: turn both on, or acknowledged events can be lost.`,
      }
}

async function clocks(pool: pg.Pool): Promise<Finding> {
  const before = Date.now()
  const { now = new Date(before) } = await one<{ now: Date }>(pool, 'select clock_timestamp() as now')
  const seconds = Math.round(Math.abs(now.getTime() - (before + Date.now()) / 2) / 1000)
  const ok = seconds <= 5
  const because = ok
    ? 'In sync with that of the database.'
    : `${seconds} seconds away from that of the database, so retries come early or late. Synchronise both machines (NTP).`
  return { ok, what: 'Clock', because }
}

async function notifications(pool: pg.Pool, directUrl: string): Promise<Finding> {
  const what = 'Notifications'
  try {
    if (await listenWorks(pool, directUrl)) return { ok: true, what, because: 'Wake-ups arrive at once.' }
    const because =
      'Wake-ups do not arrive: work and changes are found late. Set DATABASE_DIRECT_URL to an address of the same ' +
      'database that leads past the pooler (PgBouncer in transaction mode).'
    return { ok: false, what, because }
  } catch (error) {
    const refused = refusalOf(error)
    const why =
      refused === undefined
        ? `there is no answer${toldCode(error)}`
        : `the connection is refused. ${refused.message}`
    const because = `Where DATABASE_DIRECT_URL leads, ${why}: wake-ups do not arrive.`
    return { ok: false, what, because }
  }
}

async function one<Row extends pg.QueryResultRow>(pool: pg.Pool, text: string): Promise<Partial<Row>> {
  return (await queryable(pool).query<Row>(text)).rows[0] ?? {}
}
