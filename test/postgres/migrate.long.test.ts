/** The migrations' promises: forward only, once, whoever runs them at the same moment, and never on a foreign database. */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { openPool } from '../../src/postgres/database.ts'
import {
  migrate as migrateWith,
  type MigrateOptions,
  migrationsFolder,
  pendingMigrations,
  readMigrations,
  wholeSchema,
} from '../../src/postgres/migrate.ts'
import { migrationSteps } from '../../src/privacy/store/rekey.ts'
import { type FreshDatabase, freshDatabase } from '../support/database.ts'

const migrate = (pool: pg.Pool, options: Pick<MigrateOptions, 'folder'> = {}) =>
  migrateWith(pool, { steps: migrationSteps(), ...options })

describe('migrations', () => {
  let database: FreshDatabase
  let pool: pg.Pool
  let folder: string

  beforeEach(async () => {
    database = await freshDatabase({ empty: true })
    pool = openPool(database.url, 20)
    folder = await mkdtemp(join(tmpdir(), 'migrations-'))
    await cp(migrationsFolder, folder, { recursive: true })
  })
  afterEach(async () => {
    await pool.end()
    await database.drop()
    await rm(folder, { recursive: true })
  })

  const add = async (name: string, sql: string) => {
    const version = String((await readMigrations(folder)).length + 1).padStart(4, '0')
    await writeFile(join(folder, `${version}_${name}.sql`), sql)
    return `${version}_${name}`
  }

  it('are applied to an empty database as one schema, and none is pending then', async () => {
    expect((await pendingMigrations(pool)).map(({ name }) => name)).toEqual([wholeSchema])
    expect(await migrate(pool)).toEqual([wholeSchema])
    expect(await pendingMigrations(pool)).toEqual([])
  })

  it('newer than the whole schema are applied after it', async () => {
    const name = await add('notes', 'create table notes (id int);')
    expect(await migrate(pool, { folder })).toEqual([wholeSchema, name])
    expect(await migrate(pool, { folder })).toEqual([])
  })

  it('refuse a whole schema that names no migration', async () => {
    await writeFile(join(folder, 'schema.sql'), '-- As of tomorrow.')
    await expect(migrate(pool, { folder })).rejects.toThrow('names no migration')
  })

  it('do nothing the second time', async () => {
    await migrate(pool)
    expect(await migrate(pool)).toEqual([])
  })

  it('are applied once when twenty processes start at the same moment', async () => {
    const applied = await Promise.all(Array.from({ length: 20 }, () => migrate(pool)))
    expect(applied.flat()).toEqual([wholeSchema])
  })

  it('tell the SQL that they would run, and run none of it', async () => {
    await migrate(pool, { folder })
    const name = await add('notes', 'create table notes (id int);')
    expect(await pendingMigrations(pool, folder)).toMatchObject([
      { name, sql: 'create table notes (id int);' },
    ])
    await expect(pool.query('select from notes')).rejects.toMatchObject({ code: '42P01' })
    expect(await migrate(pool, { folder })).toEqual([name])
    await expect(pool.query('select from notes')).resolves.toMatchObject({ rowCount: 0 })
  })

  it('leave no trace of a file that fails half way', async () => {
    await migrate(pool, { folder })
    const name = await add('wrong', 'create table half (id int); select nothing_like_this();')
    await expect(migrate(pool, { folder })).rejects.toMatchObject({ code: '42883' })
    await expect(pool.query('select from half')).rejects.toMatchObject({ code: '42P01' })
    expect((await pendingMigrations(pool, folder)).map((migration) => migration.name)).toEqual([name])
  })

  it('refuse a file that was changed after it was applied', async () => {
    const name = await add('notes', 'create table notes (id int);')
    await migrate(pool, { folder })
    await writeFile(join(folder, `${name}.sql`), 'create table notes (id bigint);')
    await expect(migrate(pool, { folder })).rejects.toMatchObject({ code: 'store.migration_changed' })
    await expect(pendingMigrations(pool, folder)).rejects.toMatchObject({ code: 'store.migration_changed' })
  })

  it('do not mind the line ends that Git writes on Windows', async () => {
    const name = await add('notes', 'create table notes (\n  id int\n);\n')
    await migrate(pool, { folder })
    await writeFile(join(folder, `${name}.sql`), 'create table notes (\r\n  id int\r\n);\r\n')
    expect(await migrate(pool, { folder })).toEqual([])
  })

  it('refuse a database that a newer version has made', async () => {
    await add('from_the_future', 'create table future (id int);')
    await migrate(pool, { folder })
    await expect(migrate(pool)).rejects.toMatchObject({ code: 'store.database_newer' })
  })

  it('refuse files that are not numbered one after the other', async () => {
    await writeFile(join(folder, '0999_far.sql'), 'select 1')
    await expect(migrate(pool, { folder })).rejects.toThrow('0999_far.sql')
  })

  it('give up waiting for a table that is in use, and say so', async () => {
    await migrate(pool, { folder })
    await add('more', 'alter table tenants add column more int;')
    const reader = await pool.connect()
    await reader.query('begin; select from tenants')
    await expect(migrate(pool, { folder })).rejects.toMatchObject({ code: 'store.migration_blocked' })
    await reader.query('rollback')
    reader.release()
    await expect(migrate(pool, { folder })).resolves.toHaveLength(1)
  })
})
