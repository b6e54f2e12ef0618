/** The whole schema of a new database is what the migrations make of an old one, and what an old one holds still answers. */
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type pg from 'pg'
import { afterEach, describe, expect, it } from 'vitest'

import { readSchema } from '../../src/doctor/store/schema-snapshot.ts'
import { openPool } from '../../src/postgres/database.ts'
import { migrate, migrationsFolder, readMigrations, wholeSchema } from '../../src/postgres/migrate.ts'
import { inTransaction } from '../../src/postgres/transaction.ts'
import { migrationSteps } from '../../src/privacy/store/rekey.ts'
import { freshDatabase } from '../support/database.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function emptyDatabase(): Promise<pg.Pool> {
  const database = await freshDatabase({ empty: true })
  const pool = openPool(database.url, 2)
  closing.push(
    () => database.drop(),
    () => pool.end(),
  )
  return pool
}

/** Without the whole schema, and with the migrations up to this one. */
async function folderUpTo(last: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'migrations-'))
  closing.push(() => rm(folder, { recursive: true }))
  const filter = (path: string) => {
    const [, version] = /\/(\d{4})_[^/]*$/.exec(path) ?? []
    return !path.endsWith('schema.sql') && (version === undefined || Number(version) <= last)
  }
  await cp(migrationsFolder, folder, { recursive: true, filter })
  return folder
}

async function catalogOf(pool: pg.Pool): Promise<Readonly<Record<string, string>>> {
  const pieces = await inTransaction(pool, (transaction) => readSchema(transaction, 'public'))
  const { rows } = await pool.query<{ what: string; definition: string }>(
    `select 'options of ' || relname as what, coalesce((select string_agg(one, ', ' order by one) from unnest(reloptions) as one), '') as definition
     from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`,
  )
  const all: readonly { readonly what: string; readonly definition: string }[] = [...pieces.values(), ...rows]
  return Object.fromEntries(all.map(({ what, definition }): [string, string] => [what, definition]).sort())
}

describe('the whole schema', () => {
  it('is what all migrations make, column by column, constraint, index, function and setting', async () => {
    const [whole, grown] = [await emptyDatabase(), await emptyDatabase()]
    expect(await migrate(whole, { steps: migrationSteps() })).toEqual([wholeSchema])
    const names = (await readMigrations()).map(({ name }) => name)
    const folder = await folderUpTo(names.length)
    expect(await migrate(grown, { steps: migrationSteps(), folder })).toEqual(names)
    expect(await catalogOf(whole)).toEqual(await catalogOf(grown))
    const applied = 'select version, name, checksum from schema_migrations order by version'
    expect((await whole.query(applied)).rows).toEqual((await grown.query(applied)).rows)
  })
})
