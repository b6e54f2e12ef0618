// Hires whose data nobody expects, through the door: one employee on the right record, or one park that names no person.
import { afterEach, expect, it } from 'vitest'

import { usualCompany } from '../support/every-target.ts'
import { expectExactly } from '../support/oracle.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
afterEach(() => world.close())

const custom = (name: string) => `application.custom["${name}"]`
const mapping = {
  'root.firstName': [custom('Legal first name'), 'default'],
  'root.email': {
    from: custom('Work e-mail'),
    otherwise: { template: '{candidate.firstName|slug}.{candidate.lastName|slug}@corp.example' },
  },
  'work.reportsTo': { from: 'job.hiringManager.email', find: 'employee' },
  'work.custom.field_1651': custom('toString'),
  'work.custom.field_1652': custom('T-shirt size'),
  'about.custom.field_1653': custom('constructor'),
  'work.employeeIdInCompany': custom('Number'),
  'personal.birthDate': custom('Born'),
  'payroll.salary.payment': 'offer.salary.amount',
  'payroll.salary.payment.currency': 'offer.salary.currency',
  'payroll.salary.payPeriod': 'offer.salary.period',
  'payroll.salary.payFrequency': { constant: 'Monthly' },
}

async function open() {
  world = await openWorld({ hibob: { readLagSeconds: 0 }, connection: { mapping } })
  world.sandbox.hibob.configure('acme', usualCompany)
  return world.sandbox
}

it('Optional values of any type never stop a hire, and none of them is told', async () => {
  const { hibob } = await open()
  const customAttributes = {
    ...{ toString: ['Zz1', null, 7], 'T-shirt size': { zz: 'Zz2' }, Number: '1.234,Zz3' },
    ...{
      Born: '31/02/Zz4',
      'Work e-mail': [],
      'Legal first name': ' \u200b',
      constructor: '<b>Zz5</b> @all',
    },
  }
  await world.hire({
    ...{ firstName: 'Ada', lastName: 'Example', email: 'ada@example.com', customAttributes },
    job: { hiringManager: { firstName: 'Ada', lastName: 'Example', email: 'ADA@example.com' } },
    offers: [{ startOn: '2027-01-04', salary: { amount: 0, currency: '€', period: 'fortnight' } }],
  })
  const [run] = await world.settled(1)
  expect(run).toMatchObject({ state: 'done', result: { did: 'created' } })
  expect(hibob.employees()).toMatchObject([
    {
      email: 'ada.example@corp.example',
      extra: {
        work: { custom: { field_1651: 'Zz1, 7' } },
        about: { custom: { field_1653: '<b>Zz5</b> @all' } },
      },
    },
  ])
  const told = JSON.stringify(run)
  for (const target of [
    'field_1652',
    'employeeIdInCompany',
    'birthDate',
    'reportsTo',
    'payroll.salary.payment',
  ])
    expect(told).toContain(target)
  expect(told).not.toMatch(/Zz\d|fortnight|ada@|ada\.example/i)
  expectExactly(world, 1)
})

it('A name that the mapping sends is known again after an answer that was lost', async () => {
  const { faults, hibob } = await open()
  faults.add({ system: 'hibob', operation: 'people.create', effect: { cut: 'after' } })
  const customAttributes = { 'Legal first name': 'Elizabeth' }
  await world.hire({ firstName: 'Liz', lastName: 'Example', email: 'liz@example.com', customAttributes })
  expect(await world.settled(1)).toMatchObject([{ state: 'done' }])
  expect(hibob.employees()).toMatchObject([{ firstName: 'Elizabeth' }])
  expect(world.sandbox.ledger().counts).toMatchObject({ employees: 1, documents: 1, comments: 1 })
})

it('A name without Latin letters parks with all else that is missing, and nothing of the person', async () => {
  await open()
  await world.hire({ firstName: '李', lastName: '明明', email: 'li@example.com', startOn: null, offers: [] })
  const [run] = await world.settled(1)
  expect(run).toMatchObject({ state: 'parked', code: 'hibob.mapping_gaps' })
  for (const target of ['root.email', 'work.startDate']) expect(run?.reason).toContain(target)
  expect(`${run?.reason ?? ''} ${run?.fix ?? ''}`).not.toMatch(/李|明|@/)
  expectExactly(world, 0)
})
