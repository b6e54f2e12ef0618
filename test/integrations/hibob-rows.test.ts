/** Rows of HiBob's tables: whole or not at all, once, beside nothing that somebody has entered, and never for whoever was there. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Sandbox } from '../../sandbox/index.ts'
import { Failure } from '../../src/base/failure.ts'
import { amountOf, currencyOf } from '../../src/integrations/hibob/pay.ts'
import type { Json } from '../../src/sdk/index.ts'
import { hireInBob } from '../contracts/open-clients.ts'
import { openSandbox } from '../sandbox/open.ts'

const salary = {
  'payroll.salary.payment': 'offer.salary.amount',
  'payroll.salary.payment.currency': 'offer.salary.currency',
  'payroll.salary.payPeriod': { from: 'offer.salary.period', values: { year: 'Annual', month: 'Monthly' } },
  'payroll.salary.payFrequency': { constant: 'Monthly' },
}
const paid = { amount: 65432.1, currency: 'EUR', period: 'year' }

interface Hired {
  readonly pay?: typeof paid | null
  readonly mapping?: Readonly<Record<string, Json>>
  readonly laterAttempt?: boolean
}

async function hired(sandbox: Sandbox, { pay = paid, mapping = salary, laterAttempt = false }: Hired = {}) {
  const offer = { result: 'accepted' as const, startOn: '2027-02-01', ...(pay !== null && { salary: pay }) }
  const { id } = sandbox.pinpoint.addApplication({
    email: 'ada@example.com',
    firstName: 'Ada',
    offers: [offer],
  })
  const told: string[] = []
  const onWarning = (code: string, message: string) => void told.push(`${code} ${message}`)
  const settings = { site: 'New York (Demo)' }
  const error: unknown = await hireInBob(sandbox, id, { onWarning, mapping, settings, laterAttempt }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  const failure = error instanceof Failure ? error : undefined
  return { error, failure, told: told.join('\n'), rows: sandbox.ledger().rows }
}

describe('A salary that is mapped', () => {
  it('is one row from the start date on, compared with what HiBob holds', async () => {
    const sandbox = await openSandbox()
    const { told, rows } = await hired(sandbox)
    expect(told).toBe('')
    expect(rows).toMatchObject([
      {
        table: 'salaries',
        effectiveDate: '2027-02-01',
        columns: {
          base: { value: 65432.1, currency: 'EUR' },
          ...{ payPeriod: 'Annual', payFrequency: 'Monthly' },
        },
      },
    ])
    const operations = sandbox.calls.list({ system: 'hibob' }).map(({ operation }) => operation)
    expect(operations.slice(operations.indexOf('people.create'))).toEqual([
      ...['people.create', 'salaries.add', 'salaries.list', 'docs.upload'],
    ])
  })

  it('is not made where it is not mapped, with no call', async () => {
    const sandbox = await openSandbox()
    const { rows } = await hired(sandbox, { mapping: {} })
    expect(rows).toEqual([])
    expect(sandbox.calls.list({ system: 'hibob' }).some(({ path }) => path.includes('salaries'))).toBe(false)
  })

  it('counts from the day that is mapped', async () => {
    const mapping = { ...salary, 'payroll.salary.activeEffectiveDate': { constant: '2027-03-01' } }
    const { rows } = await hired(await openSandbox(), { mapping })
    expect(rows).toMatchObject([{ effectiveDate: '2027-03-01' }])
  })

  it.each<[string, Hired, string]>([
    ['an amount', { pay: null }, 'payroll.salary.payment: Pinpoint has no value'],
    ['an amount above zero', { pay: { ...paid, amount: 0 } }, 'payroll.salary.payment: '],
    [
      'a currency that there is',
      { pay: { ...paid, currency: 'XYZ' } },
      'payroll.salary.payment.currency: The value of offer.salary.currency is not the code of a currency.',
    ],
    [
      'a period that HiBob has',
      { pay: { ...paid, period: 'two_weeks' } },
      'payroll.salary.payPeriod: The value of offer.salary.period is not in the list of the destination.',
    ],
    [
      'a frequency, which is not mapped',
      { mapping: { ...salary, 'payroll.salary.payFrequency': 'offer.custom["Nothing"]' } },
      'payroll.salary.payFrequency: ',
    ],
    [
      'a day on which they work here',
      { mapping: { ...salary, 'payroll.salary.activeEffectiveDate': { constant: '2027-01-01' } } },
      'payroll.salary.activeEffectiveDate: The value of the mapping is before the start date.',
    ],
  ])('is left out whole without %s, and the hire goes on', async (_, given, because) => {
    const sandbox = await openSandbox()
    const { told, rows } = await hired(sandbox, given)
    expect(rows).toEqual([])
    expect(told).toContain('hibob.row_left_out The salary row was left out.')
    expect(told).toContain(because)
    expect(told).not.toMatch(/65432|XYZ|two_weeks/)
    expect(sandbox.ledger().counts).toMatchObject({ employees: 1, documents: 1 })
  })

  it('is left out when one of its fields is not mapped at all', async () => {
    const { 'payroll.salary.payFrequency': _, ...mapping } = salary
    const { told, rows } = await hired(await openSandbox(), { mapping })
    expect(rows).toEqual([])
    expect(told).toContain('payroll.salary.payFrequency: It is not mapped.')
  })

  it.each<[string, Hired]>([
    ['no amount', { pay: null }],
    ['a currency that there is not', { pay: { ...paid, currency: 'XYZ' } }],
    ['a period that HiBob does not have', { pay: { ...paid, period: 'two_weeks' } }],
  ])('parks before anything is made where the mapping says so: %s', async (_, { pay = paid }) => {
    const sandbox = await openSandbox()
    const amount = { from: 'offer.salary.amount', otherwise: 'park' }
    const { failure } = await hired(sandbox, {
      pay,
      mapping: { ...salary, 'payroll.salary.payment': amount },
    })
    expect(failure).toMatchObject({ code: 'hibob.mapping_gaps' })
    expect(JSON.stringify([failure?.message, failure?.details])).not.toMatch(/65432|XYZ|two_weeks/)
    expect(sandbox.ledger().counts.employees).toBe(0)
  })

  it('is not made for somebody who was there already', async () => {
    const sandbox = await openSandbox()
    sandbox.hibob.addEmployee({ email: 'ada@example.com', firstName: 'Ada' })
    const { told, rows } = await hired(sandbox)
    expect([told, rows]).toEqual(['', []])
  })

  it('names the right that is missing, and goes on', async () => {
    const sandbox = await openSandbox()
    sandbox.hibob.configure('acme', { denied: ['salaries.write'], deniedWith: 401 })
    const { told, rows } = await hired(sandbox)
    expect(rows).toEqual([])
    expect(told).toMatch(/^hibob.row_not_made The salary row was not made: .*edit of Payroll/)
    expect(sandbox.ledger().counts).toMatchObject({ employees: 1, documents: 1 })
  })

  it('is made without the right to view it, with a warning that it is not known how', async () => {
    const sandbox = await openSandbox()
    sandbox.hibob.configure('acme', { denied: ['salaries.read'] })
    const { told, rows } = await hired(sandbox)
    expect(rows).toHaveLength(1)
    expect(told).toMatch(/^hibob.row_not_shown .*view of Payroll, with its history/)
  })

  it('names what HiBob holds otherwise, and never the amount', async () => {
    const sandbox = await openSandbox()
    sandbox.faults.add({
      system: 'hibob',
      operation: 'salaries.list',
      effect: { member: '/values/0/base', becomes: null },
    })
    const { told } = await hired(sandbox)
    expect(told).toMatch(
      /^hibob.row_changed .*base salary \(payroll\.salary\.payment\), currency of the salary/,
    )
    expect(told).not.toContain('65432')
  })
})

describe('What HiBob answers for the table of salaries', () => {
  const row = {
    ...{ id: 1, effectiveDate: '2027-02-01', base: { value: 65432.1, currency: 'EUR' } },
    ...{ payPeriod: 'Annual', payFrequency: 'Monthly' },
  }
  /** Another attempt, for which somebody (or a lost call) has made rows. */
  async function listed(values: readonly object[]) {
    const sandbox = await openSandbox()
    sandbox.faults.add({
      ...{ system: 'hibob', operation: 'salaries.list', times: 'always' },
      effect: { member: '/values', becomes: values as never },
    })
    return hired(sandbox, { laterAttempt: true })
  }

  it.each<[string, object]>([
    ['a day with a time', { effectiveDate: '2027-02-01T00:00:00' }],
    ['an amount as text', { base: { value: '65432.10', currency: 'eur' } }],
    ['items instead of names', { payPeriod: { id: 'Annual', name: 'Annual' }, payFrequency: 'MONTHLY' }],
    ['no id', { id: null }],
  ])('%s: it is the row that is wanted, and no second one is made', async (_, changes) => {
    const { told, rows } = await listed([{ ...row, ...changes }])
    expect([told, rows]).toEqual(['', []])
  })

  it.each<[string, readonly object[]]>([
    ['another currency', [{ ...row, base: { value: 65432.1, currency: 'GBP' } }]],
    ['another amount', [{ ...row, base: { value: 65432, currency: 'EUR' } }]],
    ['another day', [{ ...row, effectiveDate: '2027-03-01' }]],
    [
      'two other rows',
      [
        { ...row, base: null },
        { ...row, effectiveDate: '2028-01-01' },
      ],
    ],
    ['a row of which nothing is known', [{ id: 9, effectiveDate: '2027-02-01' }]],
  ])('%s: it is left as it is, and told without a value', async (_, values) => {
    const { told, rows } = await listed(values)
    expect(rows).toEqual([])
    expect(told).toMatch(/^hibob\.row_not_made .*has another salary row already/)
    expect(told).not.toMatch(/65432|EUR|GBP/)
  })

  it('a row that was taken and is not there afterwards is told', async () => {
    const sandbox = await openSandbox()
    sandbox.faults.add({ system: 'hibob', operation: 'salaries.add', effect: { status: 200, body: '' } })
    const { told, rows } = await hired(sandbox)
    expect(rows).toEqual([])
    expect(told).toMatch(/^hibob\.row_not_shown The salary row .*does not show it yet/)
  })

  it.each<[number, object]>([
    [409, { key: 'conflict', error: 'x' }],
    [400, { key: 'exception.history.duplicated', error: { text: 'x' } }],
    [400, { errorMessage: 'An entry of this date already exists' }],
  ])('%i %j: it is looked for, and not sent again', async (status, body) => {
    const sandbox = await openSandbox()
    sandbox.faults.add({
      system: 'hibob',
      operation: 'salaries.add',
      effect: { status, body: body as never },
    })
    const { error } = await hired(sandbox)
    expect(error).toMatchObject({ message: 'exists, but is not found' })
    expect(sandbox.calls.count('hibob', 'salaries.add')).toBe(1)
  })
})

describe('Employment', () => {
  const employment = {
    'payroll.employment.contract': { constant: 'Part time' },
    'payroll.employment.type': { constant: 'Permanent' },
  }

  it('goes with the create, which makes its first row, and is not sent twice', async () => {
    const sandbox = await openSandbox()
    const { told, rows } = await hired(sandbox, { mapping: employment })
    expect([told, rows]).toEqual(['', []])
    expect(sandbox.hibob.employees()).toMatchObject([
      { extra: { payroll: { employment: { contract: 'Part time', type: 'Permanent' } } } },
    ])
  })

  it('that HiBob leaves out of the create is told, with the right', async () => {
    const sandbox = await openSandbox()
    sandbox.hibob.configure('acme', { uneditableFields: ['employment'] })
    const { told } = await hired(sandbox, { mapping: employment })
    expect(told).toMatch(/Employment contract \(payroll\.employment\.contract\)/)
    expect(told).toContain('Employment')
  })

  it('of a later day is a row of its own, after the first one', async () => {
    const mapping = {
      ...employment,
      'payroll.employment.activeEffectiveDate': { constant: '2027-05-01' },
    }
    const sandbox = await openSandbox()
    const { told, rows } = await hired(sandbox, { mapping })
    expect(told).toBe('')
    expect(rows).toMatchObject([
      { table: 'employment', effectiveDate: '2027-05-01', columns: { contract: 'Part time' } },
    ])
    expect(JSON.stringify(sandbox.hibob.employees()[0]?.extra)).not.toContain('Part time')
  })
})

it('a later work row keeps what the first one holds, and adds its own columns', async () => {
  const sandbox = await openSandbox()
  const { told, rows } = await hired(sandbox, {
    mapping: {
      'work.title': { constant: 'Designer' },
      'work.customColumns.column_1655': { constant: 'CC-7' },
      'work.activeEffectiveDate': { constant: '2027-05-01' },
    },
  })
  expect(told).toBe('')
  expect(rows).toMatchObject([
    {
      ...{ table: 'work', effectiveDate: '2027-05-01' },
      columns: { title: 'Designer', site: 'New York (Demo)', customColumns: { column_1655: 'CC-7' } },
    },
  ])
})

describe('An amount', () => {
  it('is sent as it is written, or not at all', () => {
    const digits = (most: number) => fc.stringMatching(new RegExp(`^[0-9]{1,${most}}$`))
    fc.assert(
      fc.property(digits(15), fc.option(digits(6)), (whole, fraction) => {
        const text = fraction === null ? whole : `${whole}.${fraction}`
        const amount = amountOf(text)
        if (amount === undefined) return
        const plain = (written: string) => written.replace(/^0+(?=\d)/, '').replace(/\.?0*$/, '')
        expect(plain(`${JSON.stringify(amount)}.`.replace(/(\..*)\.$/, '$1'))).toBe(
          plain(text.includes('.') ? text : `${text}.`),
        )
      }),
    )
  })

  it.each(['0', '0.00', '-1', '123456789012345.123456', 'NaN', '', '1e3'])('%j is none', (text) => {
    expect(amountOf(text)).toBeUndefined()
  })

  it.each([
    ['65000', 65000],
    ['0.1', 0.1],
    ['065000.50', 65000.5],
  ])('%s is one', (text, amount) => expect(amountOf(text)).toBe(amount))

  it.each([
    ['eur ', 'EUR'],
    ['€', undefined],
    ['XYZ', undefined],
    ['EURO', undefined],
  ])('%j as a currency', (text, code) => expect(currencyOf(text)).toBe(code))
})
