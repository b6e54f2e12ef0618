/** A worker lends its databases and sessions from test to test: whoever borrows finds nothing of the one before. */
import { afterEach, expect, it } from 'vitest'

import { openPool } from '../../src/postgres/database.ts'
import { freshDatabase } from '../support/database.ts'
import { openSpine } from '../support/spine.ts'
import { until } from '../support/until.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const pidSql = 'select pg_backend_pid() as pid'

it('A database has the rows and sequences of the template again, and no others', async () => {
  const spine = await openSpine()
  const seen = `select (select count(*) from events) as events, (select count(*) from audit) as audit,
    (select count(*) from pgboss.job) as jobs, (select count(*) from tenants) as tenants,
    (select count(*) from schema_migrations) as migrations, (select count(*) from pgboss.queue) as queues`
  const audited = `insert into audit (actor, action, subjects, details) values ('test', 'test', '{}', '{}') returning seq`
  await spine.hire('1')
  const { rows } = await spine.pool.query<{ seq: number }>(audited)
  const { rows: full } = await spine.pool.query<Record<string, number>>(seen)
  expect(full).toMatchObject([{ events: 1, audit: 1, jobs: 2, tenants: 1 }])
  await spine.close()

  const again = await freshDatabase()
  const pool = openPool(again.url, 1)
  closing.push(
    () => again.drop(),
    () => pool.end(),
  )
  expect(new URL(again.url).pathname).toBe(new URL(spine.url).pathname)
  const { migrations, queues } = full[0]!
  expect((await pool.query(seen)).rows).toEqual([
    { events: 0, audit: 0, jobs: 0, tenants: 0, migrations, queues },
  ])
  expect((await pool.query(audited)).rows).toEqual(rows)
})

it('A database whose schema a test has changed is not lent again', async () => {
  const changed = await freshDatabase()
  const pool = openPool(changed.url, 1)
  await pool.query(`alter table runs add constraint none check (false) not valid`)
  await pool.end()
  await changed.drop()
  const next = await freshDatabase()
  closing.push(() => next.drop())
  expect(next.url).not.toBe(changed.url)
})

it('A session is lent again without its settings, statements, locks and open transaction', async () => {
  const database = await freshDatabase()
  closing.push(() => database.drop())
  const first = openPool(database.url, 1)
  const { rows } = await first.query<{ pid: number }>(pidSql)
  await first.query(`set work_mem = '1MB'; prepare one as select 1; listen here; select pg_advisory_lock(1)`)
  await first.end()

  const second = await until('the session to be lent again', async () => {
    const pool = openPool(database.url, 1)
    closing.push(() => pool.end())
    return (await pool.query<{ pid: number }>(pidSql)).rows[0]?.pid === rows[0]?.pid && pool
  })
  const left = await second.query(`select current_setting('work_mem') as work_mem,
    (select count(*) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())) as locks,
    (select count(*) from pg_prepared_statements where name = 'one') as statements,
    (select count(*) from pg_listening_channels()) as channels`)
  expect(left.rows).toEqual([{ work_mem: '4MB', locks: 0, statements: 0, channels: 0 }])
})

it('A client that vanishes takes its session with it', async () => {
  const database = await freshDatabase()
  const pool = openPool(database.url, 2)
  closing.push(
    () => database.drop(),
    () => pool.end(),
  )
  const client = await pool.connect()
  const { rows } = await client.query<{ pid: number }>(pidSql)
  await client.query('begin')
  const { connection } = client as unknown as { connection: { stream: { destroy(): void } } }
  connection.stream.destroy()
  client.release(true)
  await expect
    .poll(
      async () => (await pool.query('select from pg_stat_activity where pid = $1', [rows[0]?.pid])).rowCount,
    )
    .toBe(0)
})
