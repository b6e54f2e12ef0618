// Applying a file of tenants to a real database: what it changes, what it leaves alone, and what it lifts.
import { randomBytes } from 'node:crypto'

import type pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'

import { createSealer } from '../../src/base/seal.ts'
import { readHashKey } from '../../src/keys/store/installation-keys.ts'
import { silentLog } from '../../src/observe/log.ts'
import { openPool } from '../../src/postgres/database.ts'
import { queryable } from '../../src/postgres/transaction.ts'
import { openQueue, type Queue } from '../../src/queue/store/queue.ts'
import { defineIntegration, NeedsPerson, secret } from '../../src/sdk/index.ts'
import { applyDeclaration } from '../../src/tenants/apply.ts'
import { createConnectionStore } from '../../src/tenants/store/connections.ts'
import { createDeclarationStore } from '../../src/tenants/store/declarations.ts'
import { createTenantStore } from '../../src/tenants/store/tenants.ts'
import { type FreshDatabase, freshDatabase } from '../support/database.ts'

const integration = (name: string) =>
  defineIntegration({
    name,
    title: name,
    settings: z.strictObject({ site: z.string(), nested: z.record(z.string(), z.string()).optional() }),
    secrets: z.strictObject({ token: secret('Token') }),
    check: () => Promise.resolve([]),
    on: {},
  })
const integrations = [integration('people'), integration('payroll')]

interface Written {
  readonly slug?: string
  readonly apiKey?: string
  readonly signingSecrets?: readonly string[]
  readonly people?: object
  readonly payroll?: object
}

/** A file with one tenant; `people` and `payroll` change the defaults of these connections. */
function file({
  slug = 'acme',
  apiKey = 'pinpoint-key',
  signingSecrets = [`signing-secret-of-${slug}`],
  ...connections
}: Written = {}) {
  const given = { people: {}, ...connections }
  return JSON.stringify({
    tenants: [
      {
        slug,
        pinpoint: { subdomain: slug, apiKey, signingSecrets },
        connections: Object.entries(given).map(([name, change]) => ({
          integration: name,
          settings: { site: 'London' },
          secrets: { token: 'destination-token' },
          ...change,
        })),
      },
    ],
  })
}

let database: FreshDatabase
let pool: pg.Pool
let queue: Queue
const key = { id: 'k1', bytes: randomBytes(32) }

function storesWith(sealer = createSealer([key])) {
  const deps = { pool, sealer, queue }
  const store = createDeclarationStore(deps)
  return {
    tenants: createTenantStore(deps),
    connections: createConnectionStore(deps),
    declarations: store,
    apply: (text: string) => applyDeclaration({ store, integrations, variables: {} }, text),
  }
}

async function onlyConnection(slug = 'acme') {
  const [connection] = await storesWith().connections.list(slug)
  if (connection === undefined) throw new Error('no connection')
  return connection
}

const pause = () =>
  pool.query(
    `update connections set paused_code = 'people.unauthorized', paused_reason = 'refused', paused_fix = 'new token', paused_at = now()`,
  )

beforeAll(async () => {
  database = await freshDatabase()
  pool = openPool(database.url, 20)
  queue = await openQueue(pool, { supervise: false, log: silentLog })
})
beforeEach(async () => {
  await pool.query('truncate tenants, installation_keys cascade')
})
afterAll(async () => {
  await queue.close()
  await pool.end()
  await database.drop()
})

describe('Applying a file', () => {
  it('creates tenants and connections, and a second time says that nothing changed', async () => {
    const { apply } = storesWith()
    const first = await apply(file())
    expect(first.tenants).toMatchObject([
      {
        slug: 'acme',
        outcome: 'created',
        connections: [{ integration: 'people', outcome: 'created', enabled: true }],
      },
    ])
    expect(first.changed).toEqual([])

    const second = await apply(file())
    expect(second.tenants).toMatchObject([
      {
        slug: 'acme',
        outcome: 'unchanged',
        changed: [],
        connections: [{ outcome: 'unchanged', changed: [] }],
      },
    ])
    expect(second.changed).toEqual([])
  })

  it('writes nothing when nothing changed', async () => {
    const { apply } = storesWith()
    await apply(file())
    const rows = () =>
      pool.query(`select xmin::text from tenants union all select xmin::text from connections`)
    const before = await rows()
    await apply(file())
    expect((await rows()).rows).toEqual(before.rows)
  })

  it('does not take another order of keys for a change', async () => {
    const { apply } = storesWith()
    await apply(file({ people: { settings: { site: 'London', nested: { a: '1', b: '2' } } } }))
    const again = await apply(file({ people: { settings: { nested: { b: '2', a: '1' }, site: 'London' } } }))
    expect(again.tenants[0]?.connections[0]?.outcome).toBe('unchanged')
  })

  it.each([
    ['a setting', { people: { settings: { site: 'Paris' } } }, ['settings']],
    ['a secret', { people: { secrets: { token: 'another' } } }, ['secrets']],
    [
      'both',
      { people: { settings: { site: 'Paris' }, secrets: { token: 'another' } } },
      ['settings', 'secrets'],
    ],
  ])('reports a change of %s by name and lifts the pause', async (_title, change, changed) => {
    const { apply } = storesWith()
    await apply(file())
    await pause()
    const report = await apply(file(change))
    const { id, paused } = await onlyConnection()
    expect(report.tenants[0]?.connections).toMatchObject([{ outcome: 'changed', changed, unpaused: true }])
    expect(report.changed).toEqual([id])
    expect(paused).toBeUndefined()
  })

  it('lifts the pauses of all connections of a tenant whose Pinpoint key changed, also of those the file does not name', async () => {
    const { apply, connections } = storesWith()
    await apply(file({ payroll: {} }))
    await pause()
    const report = await apply(file({ apiKey: 'new-key' }))
    expect(report.tenants[0]).toMatchObject({ outcome: 'changed', changed: ['apiKey'] })
    expect(report.changed).toHaveLength(2)
    expect((await connections.list()).map(({ paused }) => paused)).toEqual([undefined, undefined])
  })

  it('leaves a pause alone when nothing changed, or when only signing secrets did', async () => {
    const { apply } = storesWith()
    await apply(file())
    await pause()
    expect((await apply(file())).changed).toEqual([])
    expect(
      (await apply(file({ signingSecrets: ['signing-secret-of-acme', 'second-signing-secret'] }))).changed,
    ).toEqual([])
    expect((await onlyConnection()).paused?.code).toBe('people.unauthorized')
  })

  it('resumes nothing of a connection that it switches off, and resumes when it is switched on again', async () => {
    const { apply } = storesWith()
    await apply(file())
    expect((await apply(file({ people: { enabled: false } }))).changed).toEqual([])
    expect((await onlyConnection()).enabled).toBe(false)
    expect((await apply(file())).changed).toEqual([(await onlyConnection()).id])
  })

  it('does not remove what the file does not name', async () => {
    const { apply, tenants, connections } = storesWith()
    await apply(file({ payroll: {} }))
    await apply(file({ slug: 'other' }))
    expect((await tenants.list()).map(({ slug }) => slug)).toEqual(['acme', 'other'])
    expect(await connections.list('acme')).toHaveLength(2)
  })

  it('changes nothing at all when one tenant of the file is faulty', async () => {
    const { apply, tenants } = storesWith()
    const [good, bad] = [file(), file({ slug: 'BAD' })].map(
      (text) => JSON.parse(text) as { tenants: unknown[] },
    )
    const both = JSON.stringify({ tenants: [...(good?.tenants ?? []), ...(bad?.tenants ?? [])] })
    await expect(apply(both)).rejects.toMatchObject({ code: 'tenants.declaration_invalid' })
    expect(await tenants.list()).toEqual([])
  })

  it('by ten people at the same moment creates one tenant', async () => {
    const { apply } = storesWith()
    const reports = await Promise.all(Array.from({ length: 10 }, () => apply(file())))
    expect(reports.map(({ tenants }) => tenants[0]?.outcome).toSorted()).toEqual([
      'created',
      ...Array.from({ length: 9 }, () => 'unchanged'),
    ])
  })

  it('is announced to the other processes, with its commit', async () => {
    const listener = await pool.connect()
    try {
      const heard = new Promise((resolve) => listener.once('notification', ({ channel }) => resolve(channel)))
      await listener.query('listen tenants_changed')
      await storesWith().apply(file())
      expect(await heard).toBe('tenants_changed')
    } finally {
      listener.release(true)
    }
  })
})

describe('Signing secrets', () => {
  const faultsOf = async (work: Promise<unknown>): Promise<unknown> => {
    try {
      await work
    } catch (error) {
      if (error instanceof NeedsPerson) return error.details['faults']
      throw error
    }
    throw new Error('it was accepted')
  }

  it('of one company are refused for another one (M2)', async () => {
    const { apply, tenants } = storesWith()
    await apply(file())
    expect(
      await faultsOf(apply(file({ slug: 'other', signingSecrets: ['signing-secret-of-acme'] }))),
    ).toEqual([
      'tenants[0].pinpoint.signingSecrets[0] is a signing secret of tenant acme as well, whose Pinpoint is another one: a hire would reach the wrong company',
    ])
    expect(await tenants.open('other')).toBeUndefined()
    await apply(file({ slug: 'other' }))
  })

  it('that can be guessed are refused when they are new, and may stay when they are there (M2)', async () => {
    const { apply, declarations } = storesWith()
    expect(await faultsOf(apply(file({ signingSecrets: ['fifteen-letters'] })))).toEqual([
      'tenants[0].pinpoint.signingSecrets[0] must have at least 16 characters',
    ])
    await apply(file())
    await declarations.change(async (records) => {
      const before = await records.find('acme')
      if (before === undefined || before.apiKey === undefined) throw new Error('acme is not there')
      await records.writeTenant({ ...before, slug: 'acme', apiKey: before.apiKey, signingSecrets: ['short'] })
    })
    await apply(file({ signingSecrets: ['short', 'signing-secret-of-acme'] }))
    expect(await faultsOf(apply(file({ signingSecrets: ['short', 'other'] })))).toEqual([
      'tenants[0].pinpoint.signingSecrets[1] must have at least 16 characters',
    ])
  })
})

describe('Secrets', () => {
  it('stand nowhere in the database in clear', async () => {
    await storesWith().apply(file())
    const { rows } = await pool.query<{ shown: string }>(
      `select tenants::text || encode(sealed_api_key || sealed_signing_secrets, 'escape') as shown from tenants
       union all select connections::text || encode(sealed_secrets, 'escape') from connections`,
    )
    const shown = rows.map((row) => row.shown)
    for (const value of ['pinpoint-key', 'signing-secret-of-acme', 'destination-token'])
      expect(shown.join()).not.toContain(value)
    expect(shown.join()).toContain('London')
  })

  it('come back in clear for the one who holds the key', async () => {
    const { apply, tenants, connections } = storesWith()
    await apply(file())
    expect(await tenants.open('acme')).toMatchObject({
      apiKey: 'pinpoint-key',
      signingSecrets: ['signing-secret-of-acme'],
    })
    expect(await connections.open('acme', 'people')).toMatchObject({
      secrets: { token: 'destination-token' },
    })
    expect(await connections.open('acme', 'payroll')).toBeUndefined()
    expect(await tenants.open('nobody')).toBeUndefined()
  })

  it('moved from one connection to another in the database do not open there', async () => {
    const { apply, connections } = storesWith()
    await apply(file({ payroll: {} }))
    await pool.query(
      `update connections set sealed_secrets = (select sealed_secrets from connections where integration = 'people')`,
    )
    await expect(connections.open('acme', 'payroll')).rejects.toMatchObject({ code: 'seal.broken' })
  })

  it('do not open for an address that was changed beside them in the database (M7)', async () => {
    const { apply, tenants, connections } = storesWith()
    await apply(file({ payroll: {} }))
    await pool.query(`update connections set settings = settings || '{"apiUrl": "https://evil.example"}'`)
    await expect(connections.open('acme', 'people')).rejects.toMatchObject({ code: 'seal.broken' })
    await pool.query(`update tenants set api_url = 'https://evil.example/api/v1'`)
    await expect(tenants.open('acme')).rejects.toMatchObject({ code: 'seal.broken' })

    // Applied again, with the secrets in the file, all of it is as it was.
    await apply(file({ payroll: {} }))
    expect(await tenants.open('acme')).toMatchObject({ apiKey: 'pinpoint-key' })
    expect(await connections.open('acme', 'people')).toMatchObject({
      secrets: { token: 'destination-token' },
    })
  })

  it('do not open for another tenant (M7)', async () => {
    const { apply, connections } = storesWith()
    await apply(file())
    await apply(file({ slug: 'other' }))
    await pool.query(
      `delete from connections where tenant_id = (select id from tenants where slug = 'other')`,
    )
    await pool.query(`update connections set tenant_id = (select id from tenants where slug = 'other')`)
    await expect(connections.open('other', 'people')).rejects.toMatchObject({ code: 'seal.broken' })
  })

  it('whose encryption key is lost fail by tenant, not all together', async () => {
    await storesWith().apply(file())
    const newKey = createSealer([{ id: 'k2', bytes: randomBytes(32) }])
    await storesWith(newKey).apply(file({ slug: 'other' }))
    const all = await storesWith(newKey).tenants.openAll()
    expect(all.toSorted((a, b) => a.slug.localeCompare(b.slug))).toMatchObject([
      { slug: 'acme', opened: { code: 'seal.key_unknown' } },
      { slug: 'other', opened: { apiKey: 'pinpoint-key' } },
    ])
  })

  it('whose encryption key is lost are set anew by applying the file again', async () => {
    await storesWith().apply(file())
    const after = storesWith(createSealer([{ id: 'k2', bytes: randomBytes(32) }]))
    const report = await after.apply(file())
    expect(report.tenants).toMatchObject([
      { changed: ['apiKey', 'signingSecrets'], connections: [{ changed: ['secrets'] }] },
    ])
    expect(await after.tenants.open('acme')).toMatchObject({ apiKey: 'pinpoint-key' })
  })
})

describe('Tenants and connections', () => {
  it('can be switched off and on; switching on lifts a pause', async () => {
    const { apply, connections } = storesWith()
    await apply(file())
    const { id } = await onlyConnection()
    expect(await connections.setEnabled(id, true)).toMatchObject({ changed: false })
    expect(await connections.setEnabled(id, false)).toMatchObject({ changed: true })
    await pause()
    expect(await connections.setEnabled(id, true)).toMatchObject({ changed: true })
    expect(await onlyConnection()).toMatchObject({ enabled: true, paused: undefined })
  })

  it('show why they are paused', async () => {
    await storesWith().apply(file())
    await pause()
    expect((await onlyConnection()).paused).toMatchObject({ code: 'people.unauthorized', fix: 'new token' })
  })

  it('are removed together', async () => {
    const { apply, tenants, connections } = storesWith()
    await apply(file())
    expect(await tenants.remove('acme')).toBe(true)
    expect(await tenants.remove('acme')).toBe(false)
    expect(await connections.list()).toEqual([])
  })
})

describe('The key of keyed hashes', () => {
  it('is made once, also by twenty at the same moment', async () => {
    const sealer = createSealer([key])
    const keys = await Promise.all(Array.from({ length: 20 }, () => readHashKey(queryable(pool), sealer)))
    expect(new Set(keys.map((bytes) => bytes.toString('hex'))).size).toBe(1)
    expect(keys[0]).toHaveLength(32)
    expect((await readHashKey(queryable(pool), sealer)).equals(keys[0]!)).toBe(true)
  })
})
