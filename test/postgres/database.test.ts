/** What the pool promises: values as TypeScript expects them, and an error event never ends the process. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { type Database, openDatabase } from '../../src/embedded-postgres/database.ts'
import { silentLog } from '../../src/observe/log.ts'
import { openPool } from '../../src/postgres/database.ts'
import { queryable } from '../../src/postgres/transaction.ts'
import { type FreshDatabase, freshDatabase } from '../support/database.ts'

describe('the database', () => {
  let fresh: FreshDatabase
  let database: Database
  const lines: string[] = []
  const log = { ...silentLog, warn: (fields: object) => lines.push(JSON.stringify(fields)) }

  beforeEach(async () => {
    fresh = await freshDatabase({ lent: false })
    database = await openDatabase({ databaseUrl: fresh.url, dataDir: '/nowhere', log, poolSize: 1 })
  })
  afterEach(async () => {
    await database.close()
    await fresh.drop()
  })

  it('gives counts as numbers, instants as dates, days and numbers that do not fit as text', async () => {
    const { rows } = await database.pool.query(`select count(*) as count, 9223372036854775807 as large,
      timestamptz '2026-03-29T01:30:00Z' as instant, date '2026-03-29' as day`)
    const instant = new Date('2026-03-29T01:30:00Z')
    expect(rows).toEqual([{ count: 1, large: '9223372036854775807', instant, day: '2026-03-29' }])
  })

  it('goes on after its connections were cut, and tells of it without a secret', async () => {
    await database.pool.query('select 1')
    const other = await openDatabase({ databaseUrl: fresh.url, dataDir: '/nowhere', log: silentLog })
    await other.pool.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`)
    await other.close()
    await expect.poll(() => lines).toHaveLength(1)
    expect(lines[0]).toContain('57P01')
    expect(lines[0]).not.toContain(new URL(fresh.url).password)
    await expect(database.pool.query('select 1')).resolves.toMatchObject({ rowCount: 1 })
  })

  it('plans a statement that is given arrays once, however many elements they have', async () => {
    const client = queryable(database.pool)
    const text =
      'select tenants.id from unnest($1::text[]) as given (slug) join tenants on tenants.slug = given.slug'
    for (const slugs of [['a'], ['b'], ['c'], ['d'], ['e', 'f'], ['g'], ['h'], ['i']])
      await client.query(text, [slugs])
    const { rows } = await database.pool.query(
      'select custom_plans as again, generic_plans > 0 as kept from pg_prepared_statements where statement = $1',
      [text],
    )
    expect(rows).toEqual([{ again: 0, kept: true }])
  })

  it.each([
    [undefined, false, ['off', 'force_generic_plan', 'on']],
    ['-c enable_hashjoin=on -c enable_sort=off', false, ['off', 'force_generic_plan', 'off']],
    [undefined, true, ['on', 'auto', 'on']],
  ])(
    'asks for plans that do not depend on a moment, beside options of the URL (%j), and not of a pooler (%j)',
    async (options, pooled, settings) => {
      const url = new URL(fresh.url)
      if (options !== undefined) url.searchParams.set('options', options)
      const pool = openPool(url.href, 1, { pooled })
      const { rows } = await pool.query({
        text: `select current_setting('enable_seqscan'), current_setting('plan_cache_mode'), current_setting('enable_sort')`,
        rowMode: 'array',
      })
      await pool.end()
      expect(rows).toEqual([settings])
    },
  )

  it('can be closed twice', async () => {
    await Promise.all([database.close(), database.close()])
  })
})
