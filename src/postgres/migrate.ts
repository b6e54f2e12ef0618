/**
 * Upgrades the database, one file of `migrations/` per transaction; an empty database gets the whole schema at once. Safe for any
 * number of concurrent processes, and beside a running service. Forward only: another migration corrects a mistake.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import pg from 'pg'

import { NeedsPerson, RetryLater } from '../base/failure.ts'
import { inTransaction, type Queryable, queryable } from './transaction.ts'

export interface Migration {
  readonly version: number
  /** The file's name without `.sql`, such as `0001_spine`. */
  readonly name: string
  readonly sql: string
}

/** The file of the whole schema, for an empty database. Its first line names the migration up to which it goes. */
export const wholeSchema = 'schema'

export const migrationsFolder = join(import.meta.dirname, '../../migrations')

/** What SQL cannot do: runs after the SQL of a migration, in its transaction. */
export type MigrationSteps = Readonly<Record<'0010_under_attack', (client: Queryable) => Promise<void>>>

export interface MigrateOptions {
  readonly steps: MigrationSteps
  /** Called before each migration, with its name. */
  readonly onNext?: ((name: string) => void) | undefined
  /** For tests. */
  readonly folder?: string
}

/** The key of the advisory lock: any number that no other lock of ours uses. */
const migrating = 7_305_114

/** Returns the names of the migrations that this call applied. */
export async function migrate(
  pool: pg.Pool,
  { steps, onNext, folder = migrationsFolder }: MigrateOptions,
): Promise<readonly string[]> {
  const files = await readFiles(folder)
  const applied: string[] = []
  for (;;) {
    const next = await inTransaction(
      pool,
      (transaction) => applyNext(transaction, { files, steps, onNext }),
      {
        atMost: 'none',
      },
    )
    if (next === undefined) return applied
    applied.push(next.name)
  }
}

/** What `migrate` would apply, in order, for a dry run. The first is `schema` when the database is empty. */
export async function pendingMigrations(
  pool: pg.Pool,
  folder = migrationsFolder,
): Promise<readonly Migration[]> {
  return pendingOf(await readFiles(folder), await appliedTo(pool))
}

/** The SQL that creates the schema of this database, according to its applied migrations, in an empty one. */
export async function appliedScripts(pool: pg.Pool, folder = migrationsFolder): Promise<readonly string[]> {
  const files = await readFiles(folder)
  const versions = new Set((await appliedTo(pool)).map(({ version }) => version))
  const upTo = { ...files, migrations: files.migrations.filter(({ version }) => versions.has(version)) }
  return pendingOf(upTo, []).map(({ sql }) => sql)
}

async function appliedTo(pool: pg.Pool): Promise<readonly AppliedRow[]> {
  const database = queryable(pool)
  const { rows } = await database.query<{ there: boolean }>(
    `select to_regclass('schema_migrations') is not null as there`,
  )
  return rows[0]?.there === true ? readApplied(database) : []
}

interface Files {
  readonly migrations: readonly Migration[]
  /** Undefined if the folder has none. Its version is that of the last migration in it. */
  readonly schema: Migration | undefined
}

async function readFiles(folder: string): Promise<Files> {
  const migrations = await readMigrations(folder)
  const file = `${wholeSchema}.sql`
  if (!(await readdir(folder)).includes(file)) return { migrations, schema: undefined }
  const sql = await readSql(join(folder, file))
  const [, asOf] = /^-- .*\bAs of (\d{4}_[a-z0-9_]+)\.$/m.exec(sql) ?? []
  const last = migrations.find(({ name }) => name === asOf)
  if (last === undefined)
    throw new Error(`schema.sql: its first line names no migration, such as "As of 0001_name."`)
  return { migrations, schema: { version: last.version, name: wholeSchema, sql } }
}

/** Git may write other line ends on Windows; checksums must not depend on them. */
const readSql = async (file: string) => (await readFile(file, 'utf8')).replaceAll('\r\n', '\n')

/** The migrations of this code, checked to be numbered without gaps or duplicates. */
export async function readMigrations(folder = migrationsFolder): Promise<readonly Migration[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.sql'))
  const names = files.filter((name) => name !== `${wholeSchema}.sql`).sort()
  return Promise.all(
    names.map(async (file, index) => {
      const version = Number(/^(\d{4})_[a-z0-9_]+\.sql$/.exec(file)?.[1])
      if (version !== index + 1)
        throw new Error(`${file}: migrations are named 0001_name.sql, 0002_name.sql, …`)
      return { version, name: file.slice(0, -'.sql'.length), sql: await readSql(join(folder, file)) }
    }),
  )
}

async function applyNext(
  transaction: Queryable,
  { files, steps, onNext }: { readonly files: Files } & Pick<MigrateOptions, 'steps' | 'onNext'>,
): Promise<Migration | undefined> {
  // The second process waits here until the first has committed, and then finds nothing left to do.
  await transaction.query('select pg_advisory_xact_lock($1)', [migrating])
  await transaction.query(`create table if not exists schema_migrations (
    version    integer primary key,
    name       text not null,
    checksum   text not null,
    applied_at timestamptz not null default now()
  )`)
  const next = pendingOf(files, await readApplied(transaction))[0]
  if (next === undefined) return undefined
  onNext?.(next.name)
  const covered = next.name === wholeSchema ? files.migrations.slice(0, next.version) : [next]
  await apply(transaction, { next, covered, steps })
  return next
}

interface Applying {
  readonly next: Migration
  /** The migrations that it covers: those of the whole schema, or itself. */
  readonly covered: readonly Migration[]
  readonly steps: MigrationSteps
}

async function apply(transaction: Queryable, { next, covered, steps }: Applying): Promise<void> {
  // A table lock that waits for a long transaction blocks every later statement.
  await transaction.query(`set local lock_timeout = '3s'`)
  try {
    await transaction.query(
      'insert into schema_migrations (version, name, checksum) select * from unnest($1::int[], $2::text[], $3::text[])',
      [
        covered.map(({ version }) => version),
        covered.map(({ name }) => name),
        covered.map(({ sql }) => checksum(sql)),
      ],
    )
    await transaction.query(next.sql)
    if (hasStep(steps, next.name)) await steps[next.name](transaction)
  } catch (cause) {
    // 55P03: lock_not_available, https://www.postgresql.org/docs/18/errcodes-appendix.html
    if (!(cause instanceof pg.DatabaseError) || cause.code !== '55P03') throw cause
    throw new RetryLater(
      'store.migration_blocked',
      `Migration ${next.name} waited three seconds for a table that another transaction holds, and changed nothing. Run it again.`,
      { cause },
    )
  }
}

function hasStep(steps: MigrationSteps, name: string): name is keyof MigrationSteps {
  return Object.hasOwn(steps, name)
}

interface AppliedRow {
  readonly version: number
  readonly name: string
  readonly checksum: string
}

async function readApplied(database: Queryable): Promise<readonly AppliedRow[]> {
  const text = 'select version, name, checksum from schema_migrations order by version'
  return (await database.query<AppliedRow>(text)).rows
}

/** Refuses a database that these files cannot have created. */
function pendingOf({ migrations, schema }: Files, applied: readonly AppliedRow[]): readonly Migration[] {
  for (const row of applied) {
    const file = migrations[row.version - 1]
    if (file === undefined) throw newer(row.name)
    if (file.name !== row.name || checksum(file.sql) !== row.checksum) throw changed(row.name)
  }
  const isWhole = schema !== undefined && applied.length === 0 && migrations.length >= schema.version
  if (isWhole) return [schema, ...migrations.slice(schema.version)]
  const versions = new Set(applied.map(({ version }) => version))
  return migrations.filter(({ version }) => !versions.has(version))
}

function checksum(sql: string): string {
  return createHash('sha256').update(sql).digest('hex')
}

function newer(name: string): NeedsPerson {
  return new NeedsPerson(
    'store.database_newer',
    `The database has migration ${name}, which this version of pinpoint-webhooks does not know.`,
    { fix: 'Start the newer version that made it, or restore a backup from before it.' },
  )
}

function changed(name: string): NeedsPerson {
  return new NeedsPerson(
    'store.migration_changed',
    `Migration ${name} was applied to the database with another content than its file has now.`,
    { fix: 'Restore the file as it was released; put the change into a new migration.' },
  )
}
