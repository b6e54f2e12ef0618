/** The fields of HiBob that a mapping can fill, from its live metadata and lists. */
import { describe, expect, it } from 'vitest'

import { targetsOf } from '../../src/integrations/hibob/fields.ts'
import { hibob } from '../../src/integrations/hibob/index.ts'
import * as wire from '../../src/integrations/hibob/wire.ts'
import { openHttp, serviceUser } from '../contracts/open-clients.ts'
import { openSandbox } from '../sandbox/open.ts'

async function fieldsOf(company: object = {}) {
  const sandbox = await openSandbox()
  sandbox.hibob.configure('acme', company)
  const settings = hibob.settings.parse({ apiUrl: sandbox.hibobUrl })
  const fields = (await hibob.fields?.({ settings, secrets: serviceUser, openHttp: openHttp(true) })) ?? []
  return { sandbox, fields, of: (id: string) => fields.find((field) => field.id === id) }
}

describe('HiBob’s fields', () => {
  it('are read with two calls: ids, titles, groups, kinds, and what a new employee needs', async () => {
    const { sandbox, fields, of } = await fieldsOf()
    expect(sandbox.calls.list().map(({ operation }) => operation)).toEqual(['fields.list', 'lists.all'])
    expect(of('root.firstName')).toEqual({
      id: 'root.firstName',
      title: 'First name',
      group: 'Basic info',
      type: 'text',
      required: true,
      writable: true,
      maxLength: 50,
    })
    expect(fields.filter((field) => field.required).map(({ id }) => id)).toEqual([
      'root.email',
      'root.firstName',
      'root.surname',
      'work.startDate',
      'work.site',
    ])
    const kinds = Object.fromEntries(fields.map(({ id, type }) => [id, type]))
    expect(kinds).toMatchObject({
      'work.startDate': 'date',
      'work.reportsTo': 'person',
      'work.employeeIdInCompany': 'number',
      'address.city': 'address_part',
      'address.country': 'choice',
      'home.privateEmail': 'text',
    })
  })

  it('have the choices of their lists: sites by name, trees as trees, archived items marked', async () => {
    const departments = [{ name: 'Engineering', children: ['Platform', { name: 'Data', archived: true }] }]
    const { of } = await fieldsOf({ departments })
    expect(of('work.site')).toMatchObject({
      type: 'choice',
      choices: [{ id: '2474159', name: 'New York (Demo)', archived: false, children: [] }, {}, {}],
    })
    expect(of('work.department')?.choices).toMatchObject([
      { name: 'Engineering', children: [{ name: 'Platform', archived: false }, { archived: true }] },
    ])
  })

  it('include those that the company has added, and not those that it lacks', async () => {
    const fields = [{ id: 'work.custom.field_1651', name: 'T-shirt size', type: 'list', listId: 'size' }]
    const { of } = await fieldsOf({ fields, lists: { size: ['S'] }, withoutFields: ['home.privateEmail'] })
    expect(of('work.custom.field_1651')).toMatchObject({
      type: 'choice',
      writable: true,
      choices: [{ name: 'S' }],
    })
    expect(of('home.privateEmail')).toBeUndefined()
  })

  it.each(['root.id', 'root.fullName', 'work.siteId', 'work.tenureDuration', 'internal.status'])(
    '%s is not to be written',
    async (id) => {
      const { of } = await fieldsOf()
      expect(of(id)).toMatchObject({ writable: false })
    },
  )

  it('have those of rows among them, also what HiBob does not list', async () => {
    const { of } = await fieldsOf()
    expect(of('payroll.salary.payment')).toMatchObject({ type: 'money', writable: true, personal: true })
    expect(of('payroll.salary.payPeriod')?.choices?.map(({ name }) => name)).toContain('Annual')
    expect(of('payroll.salary.payment.currency')).toMatchObject({ writable: true })
  })

  it('are there without choices where the lists are hidden', async () => {
    const { of } = await fieldsOf({ denied: ['lists.read'] })
    expect(of('work.title')).toMatchObject({ type: 'choice', writable: true })
    expect(of('work.title')).not.toHaveProperty('choices')
  })

  it('are read from the documented shape of the lists, too, and an odd list costs its choices only', () => {
    const field = { id: 'work.title', name: ' ', type: 'list', typeData: { listId: 'title' } }
    const metadata = wire.fields.parse([field, { ...field, id: 'work.x', typeData: null, type: 'stars' }])
    const items = [{ id: '1', name: 'Engineer' }]
    const lists = wire.listTrees.parse([
      { name: 'title', items },
      { name: 'odd', items: 7 },
    ])
    expect(targetsOf(metadata, lists).slice(0, 2)).toMatchObject([
      { title: 'work.title', group: 'Other', choices: [{ name: 'Engineer' }] },
      { id: 'work.x', writable: false, type: 'text' },
    ])
  })
})
