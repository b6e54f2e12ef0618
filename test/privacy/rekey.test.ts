// What a database of before is brought to when the migration needs its encryption keys.
import { createHash, randomBytes } from 'node:crypto'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { TenantId } from '../../src/base/ids.ts'
import { createSealer } from '../../src/base/seal.ts'
import { createEventStore } from '../../src/intake/store/deliveries.ts'
import { hashKeyAad } from '../../src/keys/store/installation-keys.ts'
import { keyed } from '../../src/keys/store/keyed.ts'
import { silentLog } from '../../src/observe/log.ts'
import { openPool } from '../../src/postgres/database.ts'
import { migrate, migrationsFolder } from '../../src/postgres/migrate.ts'
import { migrationSteps } from '../../src/privacy/store/rekey.ts'
import { openQueue } from '../../src/queue/store/queue.ts'
import {
  openApiKey,
  openSecrets,
  type SealedApiKey,
  type SealedSecrets,
} from '../../src/tenants/store/decrypt.ts'
import { type FreshDatabase, freshDatabase } from '../support/database.ts'

const sealer = createSealer([{ id: 'k1', bytes: randomBytes(32) }])
const openSealer = () => Promise.resolve(sealer)
const hashKey = randomBytes(32)
const digest = (text: string) => createHash('sha256').update(text).digest()

describe('A database of before the keyed hashes', () => {
  let database: FreshDatabase
  let pool: pg.Pool
  let before: string

  beforeEach(async () => {
    database = await freshDatabase({ empty: true })
    pool = openPool(database.url, 3)
    before = await mkdtemp(join(tmpdir(), 'migrations-'))
    await cp(migrationsFolder, before, {
      recursive: true,
      filter: (path) => !/\/(00[1-9]\d_|schema)/.test(path),
    })
    await migrate(pool, { steps: migrationSteps(), folder: before })
  })
  afterEach(async () => {
    await pool.end()
    await database.drop()
    await rm(before, { recursive: true })
  })

  async function fill(): Promise<void> {
    await pool.query(`insert into installation_keys (name, sealed_key) values ('hash', $1)`, [
      sealer.seal(hashKey, hashKeyAad),
    ])
    await pool.query(
      `insert into tenants (id, slug, api_url, sealed_api_key, sealed_signing_secrets) values ('ten_1', 'acme', $1, $2, $3)`,
      [
        'https://acme.pinpointhq.com/api/v1',
        sealer.seal('key', 'tenant:ten_1:api-key'),
        sealer.sealJson(['secret'], 'tenant:ten_1:signing-secrets'),
      ],
    )
    const settings = { url: 'https://hooks.acme.example/hires?x=1' }
    await pool.query(
      `insert into connections (id, tenant_id, integration, enabled, settings, sealed_secrets)
       values ('con_1', 'ten_1', 'webhook', true, $1, $2)`,
      [settings, sealer.sealJson({ token: 't' }, 'connection:con_1:secrets')],
    )
    await pool.query(
      `insert into events (id, tenant_id, identity, asked, sealed_body) values ('evt_1', 'ten_1', $1, '{*}', '')`,
      [digest('one')],
    )
    await pool.query(
      `insert into quarantine (id, tenant_id, asked, signature, bytes, sealed_body, received_at, last_delivery_at)
       values ('qua_1', 'ten_1', '*', $1, 1, '', now(), now()), ('qua_2', 'ten_1', '*', null, 1, '', now(), now())`,
      [digest('signature')],
    )
  }

  it('M4: has the texts for people cut that a destination had made long, and takes no such text again', async () => {
    await fill()
    const long = 'x'.repeat(9_000_000)
    await pool.query(
      `insert into runs (id, tenant_id, connection_id, event_id, integration, subject, state, code, reason, fix)
       values ('run_1', 'ten_1', 'con_1', 'evt_1', 'webhook', '1', 'parked', 'x.odd', $1, $1)`,
      [long],
    )
    await pool.query(
      `insert into run_history (run_id, attempt, state, reason) values ('run_1', 1, 'parked', $1)`,
      [long],
    )
    await migrate(pool, { steps: migrationSteps(openSealer) })
    const { rows } = await pool.query(
      'select char_length(runs.reason) as reason, char_length(fix) as fix, char_length(h.reason) as told from runs join run_history h on true',
    )
    expect(rows).toEqual([{ reason: 2000, fix: 2000, told: 2000 }])
    await expect(pool.query('update runs set reason = $1', [long])).rejects.toThrow('texts_are_bounded')
  })

  it('H2: forgets every limit: what was said to all that call from an address may have come from any host', async () => {
    await fill()
    await pool.query(
      `insert into limits (scope, bucket, connection_id, version, budget, rests_until)
       values ('address:shared', 'pinpoint.api', null, 1, '{}', now() + interval '1 hour'),
         ('address:other', 'pinpoint.api', null, 1, '{}', null), ('con_1', 'hibob.people', 'con_1', 1, '{}', null)`,
    )
    await migrate(pool, { steps: migrationSteps(openSealer) })
    const { rows } = await pool.query('select scope from limits')
    expect(rows).toEqual([])
  })

  it('gets secrets that open for the addresses they were given for, and hashes that say nothing', async () => {
    await fill()
    await migrate(pool, { steps: migrationSteps(openSealer) })

    const { rows: keys } = await pool.query<SealedApiKey & SealedSecrets>(
      `select tenants.id as tenant_id, api_url, sealed_api_key, connections.id as connection_id, integration, settings,
         sealed_secrets from tenants join connections on connections.tenant_id = tenants.id`,
    )
    const [row] = keys
    expect(row && openApiKey(row, sealer)).toBe('key')
    expect(row && openSecrets(row, sealer)).toEqual({ token: 't' })
    const moved = row && { ...row, api_url: 'https://evil.example/api/v1' }
    expect(() => moved && openApiKey(moved, sealer)).toThrow()

    const { rows } = await pool.query<{ identity: Buffer; signature: Buffer | null }>(
      'select identity, signature from events cross join quarantine order by quarantine.id',
    )
    expect(rows[0]?.identity.equals(keyed(hashKey, digest('one')))).toBe(true)
    expect(rows[0]?.signature?.equals(keyed(hashKey, digest('signature')))).toBe(true)
    expect(rows[1]?.signature).toBeNull()
  })

  it('L12: keeps no name of an event that is not known', async () => {
    await fill()
    await pool.query(`update events set name = 'jane@doe.example'`)
    await pool.query(
      `insert into events (id, tenant_id, identity, asked, sealed_body, name)
       values ('evt_2', 'ten_1', $1, '{*}', '', 'application_hired'), ('evt_3', 'ten_1', $2, '{*}', '', null)`,
      [digest('two'), digest('three')],
    )
    await migrate(pool, { steps: migrationSteps(openSealer) })
    const { rows } = await pool.query<{ name: string | null }>('select name from events order by id')
    expect(rows.map(({ name }) => name)).toEqual(['other', 'application_hired', null])
  })

  it('stays as it is when its keys are not here, and is migrated once they are', async () => {
    await fill()
    const missing = () => Promise.reject(new Error('no keys'))
    await expect(migrate(pool, { steps: migrationSteps(missing) })).rejects.toThrow('no keys')
    const { rows } = await pool.query<{ identity: Buffer }>('select identity from events')
    expect(rows[0]?.identity.equals(digest('one'))).toBe(true)
    expect((await migrate(pool, { steps: migrationSteps(openSealer) })).length).toBeGreaterThan(0)
  })

  it('M3: takes a delivery that came before and is sent again afterwards for the duplicate that it is', async () => {
    await fill()
    await migrate(pool, { steps: migrationSteps(openSealer) })
    const queue = await openQueue(pool, { supervise: false, log: silentLog })
    const events = createEventStore({ pool, sealer, hashKey, onNewEvents: () => undefined })
    const tenant = { id: 'ten_1' as TenantId, slug: 'acme' }
    const said = { name: undefined, subject: undefined, triggeredAt: undefined, asked: '*', handledBy: [] }
    const record = (text: string) =>
      events.record({ tenant, ...said, identity: digest(text), body: Buffer.from(text) })
    expect(await record('one')).toEqual({ event: 'evt_1', duplicate: true, runs: 0 })
    expect(await record('two')).toMatchObject({ duplicate: false })
    await queue.close()
  })

  it('needs no keys when nothing is in it', async () => {
    expect((await migrate(pool, { steps: migrationSteps() })).length).toBeGreaterThan(0)
  })

  it('leaves alone what no key opens: it is set with the file again', async () => {
    await fill()
    const lost = createSealer([{ id: 'lost', bytes: randomBytes(32) }])
    const envelope = lost.seal('key', 'tenant:ten_1:api-key')
    await pool.query('update tenants set sealed_api_key = $1', [envelope])
    await migrate(pool, { steps: migrationSteps(openSealer) })
    const { rows } = await pool.query<{ sealed: Buffer }>('select sealed_api_key as sealed from tenants')
    expect(rows[0]?.sealed.equals(envelope)).toBe(true)
  })
})
