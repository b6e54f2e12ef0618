// Commands that only read: whatever they are pointed at, they make nothing there, and say what is wrong with it.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { runCli } from '../../src/cli/cli.ts'
import type { Command } from '../../src/cli/command.ts'
import { commands } from '../../src/cli/commands.ts'
import { openPool } from '../../src/postgres/database.ts'
import { type FreshDatabase, freshDatabase } from '../support/database.ts'

/** A command that is declared to read is here by its examples, so that a new one need not be remembered. */
const declared = (database: Command['database']) =>
  commands.filter((command) => command.database === database).flatMap(({ examples }) => examples)
/** Of commands that change: what they do before they are told to. */
const onlyLooking = ['sweep --tenant acme --preview', 'replay --tenant acme --since 30d', 'migrate --dry-run']
const reading = [...declared('reads'), ...onlyLooking]
/** What these find wrong is their answer, not a failure. */
const readingTables = reading.filter((line) => !/^(doctor|migrate)/.test(line))

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'reading-'))
})
afterEach(() => rm(dataDir, { recursive: true }))

/** As a shell splits it. */
const wordsOf = (line: string) =>
  Array.from(line.matchAll(/"([^"]*)"|\S+/g), ([all, quoted]) => quoted ?? all).filter(
    (word) => word !== '--json',
  )

async function run(line: string, env: Readonly<Record<string, string>> = {}) {
  const printed = { out: '', err: '' }
  const code = await runCli([...wordsOf(line), '--json'], {
    version: '0',
    commands,
    environment: { DATA_DIR: dataDir, LOG_LEVEL: 'error', ...env },
    signal: new AbortController().signal,
    write: { out: (text) => (printed.out += text), err: (text) => (printed.err += text) },
  })
  const { error } = (printed.err === '' ? {} : JSON.parse(printed.err)) as {
    readonly error?: { readonly code: string; readonly message: string; readonly fix?: string }
  }
  return { code, error, data: printed.out === '' ? undefined : (JSON.parse(printed.out) as unknown) }
}

describe.each(reading)('%s', (line) => {
  it('asks whether DATA_DIR is right where there is no database, and makes none', async () => {
    const { code, error } = await run(line)
    expect(code).toBe(2)
    expect(error).toMatchObject({
      code: 'store.no_database',
      message: `There is no database in ${dataDir}; is DATA_DIR right?`,
    })
    expect(await readdir(dataDir)).toEqual([])
  })
})

describe.each(declared('changes'))('%s', (line) => {
  it('makes no database to change something in', async () => {
    expect((await run(line)).code).toBe(2)
    expect(await readdir(dataDir)).toEqual([])
  })
})

describe('On a PostgreSQL of one’s own', () => {
  let database: FreshDatabase
  let pool: pg.Pool
  const open = async (options: { readonly empty: boolean }) => {
    database = await freshDatabase(options)
    pool = openPool(database.url, 1)
  }
  afterEach(async () => {
    await pool.end()
    await database.drop()
  })
  const on = (line: string) => run(line, { DATABASE_URL: database.url })
  const relations = async () => {
    const { rows } = await pool.query<{ name: string }>(
      `select nspname || '.' || relname as name from pg_class join pg_namespace on pg_namespace.oid = relnamespace
       where nspname not like 'pg\\_%' and nspname <> 'information_schema' order by name`,
    )
    return rows.map(({ name }) => name)
  }

  it('each says that the database has none of our tables, and makes no table, queue or key', async () => {
    await open({ empty: true })
    for (const line of readingTables) {
      const { code, error } = await on(line)
      expect({ line, code, error: error?.code }).toEqual({ line, code: 2, error: 'store.database_empty' })
      expect(error?.fix).toContain('pinpoint-webhooks migrate')
    }
    expect(await relations()).toEqual([])
    expect(await readdir(dataDir)).toEqual([])
  })

  it('each says which migrations an older database lacks, and applies none', async () => {
    await open({ empty: false })
    const { rows } = await pool.query<{ name: string }>(
      'delete from schema_migrations where version = (select max(version) from schema_migrations) returning name',
    )
    for (const line of readingTables) {
      const { code, error } = await on(line)
      expect({ line, code, error: error?.code }).toEqual({ line, code: 2, error: 'store.database_older' })
      expect(error?.message).toContain(rows[0]?.name)
      expect(error?.fix).toContain('pinpoint-webhooks migrate')
    }
  })

  it('each says that a newer version has made the database', async () => {
    await open({ empty: false })
    await pool.query(`insert into schema_migrations (version, name, checksum) values (999, '0999_later', '')`)
    for (const line of readingTables) {
      const { code, error } = await on(line)
      expect({ line, code, error: error?.code }).toEqual({ line, code: 2, error: 'store.database_newer' })
    }
  })

  it('each reads a database that is migrated and has never been used, and leaves it so', async () => {
    await open({ empty: false })
    const before = await relations()
    for (const line of ['tenants list', 'connections list', 'events list', 'runs list', 'quarantine list'])
      expect(await on(line)).toEqual({ code: 0, error: undefined, data: [] })
    expect(await on('keys list')).toMatchObject({ code: 0, data: [] })
    expect((await on('runs show run_1')).error).toMatchObject({ code: 'runs.unknown_run' })
    expect((await on('sweep --tenant acme --preview')).error).toMatchObject({
      code: 'tenants.unknown_tenant',
    })
    expect(await relations()).toEqual(before)
    const { rows } = await pool.query('select name from installation_keys')
    expect(rows).toEqual([])
    expect(await readdir(dataDir)).toEqual([])
  })
})
