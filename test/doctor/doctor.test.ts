/** The doctor's promises: it finds what is wrong, says how to mend it, and changes nothing. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { Finding } from '../../src/doctor/finding.ts'
import { doctor } from '../../src/doctor/store/doctor.ts'
import { type Database, openDatabase } from '../../src/embedded-postgres/database.ts'
import { silentLog } from '../../src/observe/log.ts'
import { migrate } from '../../src/postgres/migrate.ts'
import { migrationSteps } from '../../src/privacy/store/rekey.ts'
import { type FreshDatabase, freshDatabase } from '../support/database.ts'

describe('doctor', () => {
  let fresh: FreshDatabase
  let database: Database

  beforeEach(async () => {
    fresh = await freshDatabase()
    database = await openDatabase({ databaseUrl: fresh.url, dataDir: '/nowhere', log: silentLog })
  })
  afterEach(async () => {
    await database.close()
    await fresh.drop()
  })

  const wrong = (findings: readonly Finding[]) => findings.filter(({ ok }) => !ok)

  it('finds nothing wrong with a migrated database that no service has started on yet', async () => {
    const findings = await doctor(database, [])
    expect(wrong(findings)).toEqual([])
    expect(findings.map(({ what }) => what)).toEqual([
      ...[
        'Connection',
        'PostgreSQL',
        'Migrations',
        'Tables',
        'Queue',
        'Arrivals',
        'Connections',
        'Destinations',
        'Quotas',
        'Durability',
        'Clock',
        'Notifications',
      ],
    ])
  })

  it('names what was dropped by hand, and its repair mends it', async () => {
    await database.pool.query(`drop index runs_waiting_for; drop function store_events;
      alter table runs drop column takeovers, drop column ended_as;
      alter table effects drop constraint effects_how_check`)
    const drift = wrong(await doctor(database, [])).filter(({ what }) => what === 'Tables')
    // With a column goes what is an index of it.
    expect(drift).toHaveLength(6)
    for (const { repair = '' } of drift) await database.pool.query(repair)
    expect(wrong(await doctor(database, []))).toEqual([])
  })

  it('misses the tables of the queue where there is work for it', async () => {
    await database.pool.query(
      `insert into tenants (id, slug, api_url, sealed_api_key, sealed_signing_secrets) values ('ten_1', 'acme', '', '', '')`,
    )
    expect(wrong(await doctor(database, []))).toMatchObject([
      { what: 'Queue', because: expect.stringContaining('Start a service') as string },
    ])
  })

  it('tells of acknowledged events whose runs do not begin', async () => {
    await database.pool.query(
      `with tenant as (
         insert into tenants (id, slug, api_url, sealed_api_key, sealed_signing_secrets) values ('ten_1', 'acme', '', '', '')
         returning id
       ), event as (
         insert into events (id, tenant_id, identity, asked, sealed_body)
         select 'evt_1', id, '', '{}', '' from tenant returning id
       )
       insert into inbox (event_id, dispatch_to, arrived_at) select id, '{}', now() - interval '5 minutes' from event`,
    )
    const [found] = wrong(await doctor(database, [])).filter(({ what }) => what === 'Arrivals')
    expect(found?.because).toContain('1 events were acknowledged')
  })

  it('names what was changed by hand, and leaves what was added alone', async () => {
    await database.pool.query(
      `alter table runs alter column attempt drop default; create index by_hand on runs (code)`,
    )
    const drift = wrong(await doctor(database, [])).filter(({ what }) => what === 'Tables')
    expect(drift.map(({ because }) => because)).toEqual([
      expect.stringContaining('column runs.attempt is different'),
    ])
  })

  it('leaves no schema behind', async () => {
    await doctor(database, [])
    const { rows } = await database.pool.query(`select from pg_namespace where nspname like 'drift_%'`)
    expect(rows).toEqual([])
  })

  it('names the migrations that are not applied', async () => {
    await database.pool.query('drop table schema_migrations')
    const [finding] = wrong(await doctor(database, []))
    expect(finding).toMatchObject({
      what: 'Migrations',
      because: expect.stringContaining('schema') as string,
    })
    await expect(migrate(database.pool, { steps: migrationSteps() })).rejects.toMatchObject({ code: '42P07' })
  })

  it('tells when nobody answers where it would listen', async () => {
    const directUrl = 'postgresql://127.0.0.1:1/none'
    expect(wrong(await doctor({ ...database, directUrl }, [])).slice(-1)).toMatchObject([
      { what: 'Notifications', because: expect.stringContaining('nobody answers (ECONNREFUSED)') as string },
    ])
  })

  it('says that a database does not answer instead of failing', async () => {
    const away = await openDatabase({
      databaseUrl: 'postgresql://127.0.0.1:1/none',
      dataDir: '/nowhere',
      log: silentLog,
    })
    expect(await doctor(away, [])).toMatchObject([
      { ok: false, what: 'Connection', because: expect.stringContaining('ECONNREFUSED') as string },
    ])
    await away.close()
  })
})
