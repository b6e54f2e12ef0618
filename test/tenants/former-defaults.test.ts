// A setting whose default has changed: connections that exist keep the former one until their file names it.
import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'

import type pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'

import { createSealer } from '../../src/base/seal.ts'
import { hibob } from '../../src/integrations/hibob/index.ts'
import { openPool } from '../../src/postgres/database.ts'
import { applyDeclaration } from '../../src/tenants/apply.ts'
import { createDeclarationStore } from '../../src/tenants/store/declarations.ts'
import { type FreshDatabase, freshDatabase } from '../support/database.ts'

let database: FreshDatabase
let pool: pg.Pool

beforeAll(async () => {
  database = await freshDatabase()
  pool = openPool(database.url, 5)
})
beforeEach(async () => {
  await pool.query('truncate tenants, installation_keys cascade')
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})

const sealer = createSealer([{ id: 'k1', bytes: randomBytes(32) }])

/** What `apply` says of the only connection, and where its CVs go afterwards. */
async function applied(settings: object) {
  const connection = {
    integration: 'hibob',
    settings: { site: 'London', ...settings },
    secrets: { serviceUserId: 'SERVICE-1', serviceUserToken: 'token' },
  }
  const pinpoint = { subdomain: 'acme', apiKey: 'key', signingSecrets: ['signing-secret-of-acme'] }
  const text = JSON.stringify({ tenants: [{ slug: 'acme', pinpoint, connections: [connection] }] })
  const store = createDeclarationStore({ pool, sealer })
  const { tenants } = await applyDeclaration({ store, integrations: [hibob], variables: {} }, text)
  const [one] = tenants[0]?.connections ?? []
  return { outcome: one?.outcome, kept: one?.kept, documents: await stored() }
}

async function stored(): Promise<unknown> {
  const { rows } = await pool.query<{ settings: { documents?: string } }>('select settings from connections')
  return rows[0]?.settings.documents
}

it('a new connection has the new default', async () => {
  expect(await applied({})).toEqual({ outcome: 'created', kept: [], documents: undefined })
  expect(await applied({})).toEqual({ outcome: 'unchanged', kept: [], documents: undefined })
})

it('one with the former default keeps it, which apply says, until its file names the setting', async () => {
  await applied({ documents: 'shared' })
  expect(await applied({})).toEqual({
    outcome: 'unchanged',
    kept: ['documents: shared'],
    documents: 'shared',
  })
  expect(await applied({ documents: '7' })).toEqual({ outcome: 'changed', kept: [], documents: '7' })
  expect(await applied({})).toEqual({ outcome: 'changed', kept: [], documents: undefined })
})

it('the migration writes the former default where nothing was set, and nowhere else', async () => {
  const file = (await readdir('migrations')).find((name) => name.endsWith('_folder_of_cvs.sql'))
  const migration = await readFile(`migrations/${file}`, 'utf8')
  await applied({})
  await pool.query(migration)
  expect(await stored()).toBe('shared')
  await applied({ documents: 'confidential' })
  await pool.query(migration)
  expect(await stored()).toBe('confidential')
})
