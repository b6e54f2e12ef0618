/** The doctor's promises: it finds what is wrong, says how to mend it, and changes nothing. */
import { randomBytes } from 'node:crypto'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { createSealer } from '../../src/base/seal.ts'
import type { Finding } from '../../src/doctor/finding.ts'
import { doctor } from '../../src/doctor/store/doctor.ts'
import { type Database, openDatabase } from '../../src/embedded-postgres/database.ts'
import { readHashKey } from '../../src/keys/store/installation-keys.ts'
import { createProcessStore } from '../../src/keys/store/processes.ts'
import { silentLog } from '../../src/observe/log.ts'
import { migrate } from '../../src/postgres/migrate.ts'
import { queryable } from '../../src/postgres/transaction.ts'
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
        'Inbox',
        'Connections',
        'Destinations',
        'Quotas',
        'Work',
        'Parked runs',
        'Quarantine',
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
    await database.pool.query('drop schema pgboss cascade')
    await database.pool.query(
      `insert into tenants (id, slug, api_url, sealed_api_key, sealed_signing_secrets) values ('ten_1', 'acme', '', '', '')`,
    )
    expect(wrong(await doctor(database, []))).toMatchObject([
      { what: 'Queue', because: expect.stringContaining('Start a service') as string },
    ])
  })

  describe('Work', () => {
    const found = async (name: string) => (await doctor(database, [])).find(({ what }) => what === name)
    const addRun = (state: string, since: string) =>
      database.pool.query(
        `with tenant as (
           insert into tenants (id, slug, api_url, sealed_api_key, sealed_signing_secrets) values ('ten_1', 'acme', '', '', '')
           returning id
         ), connection as (
           insert into connections (id, tenant_id, integration, enabled, settings, sealed_secrets)
           select 'con_1', id, 'hibob', true, '{}', '' from tenant returning id, tenant_id
         ), event as (
           insert into events (id, tenant_id, identity, asked, sealed_body)
           select 'evt_1', id, '', '{}', '' from tenant returning id
         )
         insert into runs (id, tenant_id, event_id, connection_id, integration, subject, state, updated_at)
         select 'run_1', tenant_id, event.id, connection.id, 'hibob', '1', $1, now() - $2::interval from event, connection`,
        [state, since],
      )

    it('that is due and that nobody takes says whether a worker is alive', async () => {
      await addRun('queued', '4 minutes')
      expect(await found('Work')).toMatchObject({
        ok: false,
        because:
          '1 run is due, the oldest for 4 minutes, and no worker is alive. Start a service with ROLE=all or ROLE=worker.',
      })
      const processes = createProcessStore(database.pool)
      await processes.note({ name: 'intake', role: 'intake', keys: ['k1'] }, 60)
      expect(await found('Work')).toMatchObject({ ok: false })
      await database.pool.query(`update runs set updated_at = now() - interval '30 seconds'`)
      expect(await found('Work')).toMatchObject({
        ok: true,
        warning: true,
        because: expect.stringContaining('no worker is alive') as string,
      })
      await processes.note({ name: 'worker', role: 'worker', keys: ['k1'] }, 60)
      expect(await found('Work')).toEqual({
        ok: true,
        what: 'Work',
        because: 'The workers are busy; none is late.',
      })
      await database.pool.query(`update runs set updated_at = now() - interval '4 minutes'`)
      expect(await found('Work')).toMatchObject({ ok: true, warning: true })
      await database.pool.query(`update runs set updated_at = now() - interval '2 hours'`)
      expect(await found('Work')).toMatchObject({
        ok: false,
        because: expect.stringContaining(
          'the oldest for 2 hours, and one worker is alive. Read their logs',
        ) as string,
      })
    })

    it('that is refused at the door is a warning', async () => {
      await database.pool.query(
        `insert into quarantine (id, asked, subject, bytes, sealed_body, received_at, last_delivery_at) values ('qua_1', '*', '1', 2, '', now(), now())`,
      )
      expect(await found('Quarantine')).toMatchObject({
        ok: true,
        warning: true,
        because:
          '1 delivery that reads as a hire could not be verified. Next: pinpoint-webhooks quarantine list',
      })
    })

    it('that is parked is a warning, with the next command', async () => {
      await addRun('parked', '3 days')
      expect(await found('Parked runs')).toEqual({
        ok: true,
        warning: true,
        what: 'Parked runs',
        because: '1 run is parked, the oldest for 3 days. Next: pinpoint-webhooks runs list --state parked',
      })
      expect(await found('Work')).toMatchObject({
        ok: true,
        because: 'Every run that is due has been taken by a worker.',
      })
      expect(await found('Mappings')).toBeUndefined()
    })

    it('that is parked for its mapping is told apart', async () => {
      await addRun('parked', '3 days')
      await database.pool.query(`update runs set code = 'hibob.mapping_gaps' where state = 'parked'`)
      expect(await found('Mappings')).toMatchObject({
        ok: true,
        warning: true,
        because: expect.stringMatching(
          /^\d+ runs? (is|are) parked .* Next: pinpoint-webhooks connections check$/,
        ) as string,
      })
    })
  })

  it('names the processes that a rotation has left behind', async () => {
    const sealer = createSealer([{ id: 'fresh', bytes: randomBytes(32) }])
    await readHashKey(queryable(database.pool), sealer)
    const processes = createProcessStore(database.pool)
    await processes.note({ name: 'with', role: 'all', keys: ['other', 'fresh'] }, 60)
    expect(wrong(await doctor(database, [])).map(({ what }) => what)).not.toContain('Keys of processes')
    await processes.note({ name: 'without', role: 'intake', keys: ['old'] }, 60)
    const [found] = (await doctor(database, [])).filter(({ what }) => what === 'Keys of processes')
    expect(found).toMatchObject({ ok: false })
    expect(found?.because).toContain(
      'Without the key "fresh", with which the data is encrypted now: without (ROLE=intake).',
    )
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
    const [found] = wrong(await doctor(database, [])).filter(({ what }) => what === 'Inbox')
    expect(found?.because).toContain('1 event acknowledged more than a minute ago has begun no runs.')
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
      {
        what: 'Notifications',
        because: expect.stringContaining('there is no answer (ECONNREFUSED)') as string,
      },
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
