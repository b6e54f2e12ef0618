// Names are masked unless somebody asks for them, which is noted before they are shown.
import type pg from 'pg'
import { afterEach, beforeEach, expect, it } from 'vitest'

import { showInClear, showMasked } from '../../src/access/show-hires.ts'
import { createAuditLog } from '../../src/access/store/audit.ts'
import type { HireReader } from '../../src/hires/ports.ts'
import { openPool } from '../../src/postgres/database.ts'
import { type FreshDatabase, freshDatabase } from '../support/database.ts'

const ada = { name: 'Ada Example', email: 'ada@example.com', jobTitle: null }
const hires: HireReader = {
  read: async (applications) =>
    applications.map(({ application }) =>
      application === 'none' ? undefined : application === 'broken' ? 'unreadable' : ada,
    ),
  find: () => Promise.reject(new Error('not asked')),
}

let database: FreshDatabase
let pool: pg.Pool
beforeEach(async () => {
  database = await freshDatabase()
  pool = openPool(database.url, 1)
})
afterEach(async () => {
  await pool.end()
  await database.drop()
})

const noted = async () =>
  (await pool.query<object>('select actor, action, tenant, subjects, details from audit order by seq')).rows

const asked = [
  { tenant: 'acme', application: '1' },
  { tenant: 'acme', application: '1' },
  { tenant: 'acme', application: 'none' },
  { tenant: 'acme', application: 'broken' },
  { tenant: 'globex', application: '2' },
]

it('masked, nobody’s name is shown, and nothing is noted', async () => {
  const masked = { name: 'A•• E••••••', email: 'a••@e••••••.c••', jobTitle: null, masked: true }
  expect(await showMasked(hires)(asked)).toEqual([masked, masked, undefined, 'unreadable', masked])
  expect(await noted()).toEqual([])
})

it('in clear, it is noted who saw whom with what, for each tenant', async () => {
  const show = showInClear(
    { hires, audit: createAuditLog(pool) },
    { actor: 'maria', machine: 'web-1', command: 'runs list' },
  )
  const shown = { ...ada, masked: false }
  expect(await show(asked)).toEqual([shown, shown, undefined, 'unreadable', shown])
  const entry = {
    actor: 'maria',
    action: 'hires.reveal',
    details: { command: 'runs list', machine: 'web-1' },
  }
  expect(await noted()).toEqual([
    { ...entry, tenant: 'acme', subjects: ['1'] },
    { ...entry, tenant: 'globex', subjects: ['2'] },
  ])
})

it('what cannot be noted is not shown, and where there is nobody nothing is noted', async () => {
  const audit = { append: () => Promise.reject(new Error('read-only')) }
  const show = showInClear({ hires, audit }, { actor: 'maria', machine: 'web-1', command: 'runs list' })
  await expect(show(asked)).rejects.toThrow('read-only')
  expect(await show([{ tenant: 'acme', application: 'none' }])).toEqual([undefined])
})

it('the audit log is only ever added to', async () => {
  const entry = {
    actor: 'maria',
    action: 'hires.reveal',
    tenant: 'acme',
    subjects: ['1'],
    details: {},
  } as const
  await createAuditLog(pool).append([entry])
  for (const change of [`update audit set actor = ''`, 'delete from audit', 'truncate audit'])
    await expect(pool.query(change)).rejects.toThrow('only ever added to')
  expect(await noted()).toHaveLength(1)
})
