/** The dated tables of the imitated HiBob: as strict as what is on record of the real ones. */
import { expect, test } from 'vitest'
import { z } from 'zod'

import type { Sandbox } from '../../sandbox/index.ts'
import { callBob, openSandbox, somebody } from './open.ts'

const table = z.object({ values: z.array(z.looseObject({ effectiveDate: z.string() })) })
const salary = {
  effectiveDate: '2027-01-04',
  base: { value: 65000.5, currency: 'EUR' },
  payPeriod: 'Annual',
  payFrequency: 'Monthly',
}

async function employed(sandbox: Sandbox, more: object = {}) {
  const answer = await callBob(sandbox, 'POST /people', { ...somebody, ...more })
  return z.looseObject({ id: z.string() }).parse(await answer.json()).id
}
const add = (sandbox: Sandbox, table: string, row: object) => callBob(sandbox, `POST /people/${table}`, row)
const rowsOf = async (sandbox: Sandbox, id: string, name: string) =>
  table.parse(await (await callBob(sandbox, `GET /people/${id}/${name}`)).json()).values

test('a create makes the first rows of work and employment, on the start date, and none of salaries', async () => {
  const sandbox = await openSandbox()
  const id = await employed(sandbox, {
    work: { ...somebody.work, title: 'Designer' },
    payroll: { employment: { contract: 'Part time' } },
  })
  const first = { effectiveDate: '2027-01-04', id: 1000020270104 }
  expect(await rowsOf(sandbox, id, 'work')).toMatchObject([
    { ...first, site: 'New York (Demo)', siteId: 2474159, title: 'Designer', workChangeType: 'New Employee' },
  ])
  expect(await rowsOf(sandbox, id, 'employment')).toMatchObject([{ ...first, contract: 'Part time' }])
  expect(await rowsOf(sandbox, id, 'salaries')).toEqual([])
})

test('a salary row is added with an empty answer, and counts as current although it lies ahead', async () => {
  const sandbox = await openSandbox()
  const id = await employed(sandbox)
  const answer = await add(sandbox, `${id}/salaries`, salary)
  expect([answer.status, await answer.text()]).toEqual([200, ''])
  expect(await rowsOf(sandbox, id, 'salaries')).toEqual([{ ...salary, id: 1000020270104, isCurrent: true }])
  expect(sandbox.ledger().rows).toMatchObject([{ table: 'salaries', employeeId: id }])
})

test.each([
  ['salaries', 'no date', { ...salary, effectiveDate: undefined }, 'Missing effective date'],
  ['salaries', 'no base', { ...salary, base: undefined }, 'Missing base'],
  ['salaries', 'no period', { ...salary, payPeriod: null }, 'Missing pay period'],
  ['salaries', 'no frequency', { ...salary, payFrequency: undefined }, 'Missing pay frequency'],
  ['salaries', 'a period of no list', { ...salary, payPeriod: 'year' }, "isn't valid in list payPeriod"],
  ['work', 'no site', { effectiveDate: '2027-03-01', title: 'Designer' }, 'Work entry must include site'],
  ['work', 'the date of the first', { effectiveDate: '2027-01-04', siteId: 2474159 }, 'Duplicate effective'],
  ['employment', 'the date of the first', { effectiveDate: '2027-01-04' }, 'Duplicate effective date'],
  [
    'employment',
    'a contract of no list',
    { effectiveDate: '2027-03-01', contract: 'Odd' },
    'employmentstatus',
  ],
])('%s refuses a row with %s', async (...[name, , row, said]) => {
  const sandbox = await openSandbox()
  const answer = await add(sandbox, `${await employed(sandbox)}/${name}`, row)
  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({ error: expect.stringContaining(said) as string })
  expect(sandbox.ledger().rows).toEqual([])
})

test('a second row of one date is refused, and one of another date is not', async () => {
  const sandbox = await openSandbox()
  const id = await employed(sandbox)
  await add(sandbox, `${id}/salaries`, salary)
  expect((await add(sandbox, `${id}/salaries`, salary)).status).toBe(400)
  expect((await add(sandbox, `${id}/salaries`, { ...salary, effectiveDate: '2027-07-01' })).status).toBe(200)
  expect(sandbox.ledger().rows).toHaveLength(2)
})

test.each([
  ['a bare number', 65000],
  ['a currency that there is not', { value: 65000, currency: 'XYZ' }],
])('%s as the base is stored as nothing, with 200', async (_, base) => {
  const sandbox = await openSandbox()
  const id = await employed(sandbox)
  expect((await add(sandbox, `${id}/salaries`, { ...salary, base })).status).toBe(200)
  expect(await rowsOf(sandbox, id, 'salaries')).toMatchObject([{ base: null, payPeriod: 'Annual' }])
})

test('columns that are left out of a row are empty, and its site goes by name or id', async () => {
  const sandbox = await openSandbox()
  const id = await employed(sandbox, { work: { ...somebody.work, title: 'Designer' } })
  await add(sandbox, `${id}/work`, { effectiveDate: '2027-03-01', siteId: 2474160 })
  expect((await rowsOf(sandbox, id, 'work'))[1]).toMatchObject({
    ...{ effectiveDate: '2027-03-01', site: 'London (Demo)', title: null, workChangeType: 'Other' },
  })
})

test.each(['work', 'employment', 'salaries'] as const)(
  'without the right to %s its rows are neither shown nor taken',
  async (name) => {
    const sandbox = await openSandbox()
    const id = await employed(sandbox)
    sandbox.hibob.configure('acme', { denied: [`${name}.read`, `${name}.write`], deniedWith: 403 })
    const row = { ...salary, effectiveDate: '2027-03-01', siteId: 2474159 }
    expect((await callBob(sandbox, `GET /people/${id}/${name}`)).status).toBe(403)
    expect((await add(sandbox, `${id}/${name}`, row)).status).toBe(403)
    expect(sandbox.ledger().rows).toEqual([])
  },
)

test('a table has ten calls a minute, and of nobody it has no rows', async () => {
  const sandbox = await openSandbox()
  const id = await employed(sandbox)
  sandbox.hibob.configure('acme', { rateLimited: true })
  const statuses = await Promise.all(
    Array.from({ length: 11 }, async () => (await callBob(sandbox, `GET /people/${id}/salaries`)).status),
  )
  expect(statuses.filter((status) => status === 429)).toHaveLength(1)
  expect((await callBob(sandbox, 'GET /people/1/work')).status).toBe(404)
})

test('new rows stay unseen for the read lag', async () => {
  const sandbox = await openSandbox()
  const id = await employed(sandbox)
  sandbox.hibob.configure('acme', { readLagMs: 60_000 })
  expect((await add(sandbox, `${id}/salaries`, salary)).status).toBe(200)
  expect(await rowsOf(sandbox, id, 'salaries')).toEqual([])
  expect(await rowsOf(sandbox, id, 'work')).toEqual([])
})
