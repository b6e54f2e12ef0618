/** Odd refusals of a new employee, odd answers to one that was made, and what HiBob holds otherwise. */
import { describe, expect, it } from 'vitest'

import { hireInBob } from '../contracts/open-clients.ts'
import { openSandbox } from '../sandbox/open.ts'
import { custom, type Effect, oddHire, own, whole } from './odd-hire.ts'

describe('A new employee whom HiBob refuses', () => {
  const statuses = [400, 422] as const
  const shapes = ['key', 'errorMessage', 'errors'] as const
  const forms = statuses.flatMap((status) => shapes.map((shape) => [status, shape] as const))
  const mapping = { 'home.mobilePhone': 'candidate.phone' }
  const seed = { phone: '+15555550100' }

  it.each(forms)('with %i in the shape of %s for an optional field is made without it', async (...form) => {
    const [refusedWith, refusals] = form
    const company = { refusedWith, refusals, refusedFields: ['home.mobilePhone'] }
    const { employee, warned, creates } = await oddHire({ company, mapping, seed })
    expect([employee?.title, creates]).toEqual(['Designer', 2])
    expect(warned).toEqual([
      'hibob.field_left_out The field home.mobilePhone was left out: HiBob refused it.',
    ])
  })

  it.each(forms)('with %i in the shape of %s because the e-mail is taken is looked for', async (...form) => {
    const [refusedWith, refusals] = form
    const sandbox = await openSandbox()
    sandbox.hibob.configure('acme', { refusedWith, refusals })
    sandbox.hibob.addEmployee({ email: 'ada@example.com', firstName: 'Ada', outOfScope: true })
    const { id } = sandbox.pinpoint.addApplication({ email: 'ada@example.com', firstName: 'Ada', cv: null })
    const settings = { site: 'New York (Demo)' }
    await expect(hireInBob(sandbox, id, { settings })).rejects.toThrow('exists, but is not found')
    expect(sandbox.calls.count('hibob', 'people.create')).toBe(1)
  })

  it('for a value that it must have and one that it can do without parks at once, with both', async () => {
    const company = { refusals: 'errors' as const, refusedFields: ['surname', 'home.mobilePhone'] }
    const { failure, creates, employee } = await oddHire({ company, mapping, seed })
    expect(failure?.details).toMatchObject({
      fields: expect.arrayContaining(['home.mobilePhone']) as unknown,
    })
    expect([failure?.code, creates, employee]).toEqual(['hibob.create_refused', 1, undefined])
  })

  it('for a field that was not sent parks, and says that it is to be mapped', async () => {
    const body = { errors: { 'work.custom.field_9': { error: 'required', message: 'x' } } }
    const { failure, creates } = await oddHire({ answers: { 'people.create': { status: 400, body } } })
    expect(failure).toMatchObject({ code: 'hibob.create_refused', resumesOn: 'connection' })
    expect([failure?.reason, creates]).toEqual([expect.stringContaining('work.custom.field_9'), 1])
  })

  it('for a field that the mapping says must not be left out parks', async () => {
    const strict = { 'home.mobilePhone': { from: 'candidate.phone', otherwise: 'park' } }
    const company = { refusedFields: ['home.mobilePhone'] }
    const { failure, creates, employee } = await oddHire({ company, mapping: strict, seed })
    expect([failure?.code, creates, employee]).toEqual(['hibob.create_refused', 1, undefined])
  })

  it.each(['title', 'department', 'reportsTo'])(
    'for its %s, which must not be left out, parks',
    async (name) => {
      const strict = {
        'work.title': { from: 'job.title', otherwise: 'park' },
        'work.department': { from: 'job.department', otherwise: 'park' },
        'work.reportsTo': { from: custom('Boss'), find: 'employee', otherwise: 'park' },
      }
      const { failure, employee } = await oddHire({
        ...{ company: { refusedFields: [`work.${name}`, `work.${name}.id`] }, mapping: strict },
        seed: { customAttributes: { Boss: 'grace@corp.example' } },
      })
      expect([failure?.code, employee]).toEqual(['hibob.create_refused', undefined])
    },
  )

  it.each([409, 422])(
    'with %i in no shape of HiBob has met something else, and it is not sent again',
    async (status) => {
      const answers = { 'people.create': { status, body: { message: 'blocked' } } }
      const { failure, creates } = await oddHire({ answers })
      expect([failure?.code, creates]).toEqual(['hibob.answer_unrecognised', 1])
    },
  )

  it('never has a personal value in the reason, whichever field it has been mapped to', async () => {
    const personal = { 'work.site': custom('Home'), 'work.department': custom('Club') }
    const customAttributes = { Home: 'Zebulonia', Club: 'Quagmires' }
    const given = {
      mapping: personal,
      seed: { customAttributes },
      company: { denied: ['lists.read' as const] },
    }
    for (const answers of [
      {},
      { 'people.create': { status: 400, body: { key: 'x', args: ['Zebulonia'] } } },
    ]) {
      const { failure, told } = await oddHire({ ...given, answers })
      expect(failure?.code).toBe('hibob.create_refused')
      expect(told).not.toMatch(/Zebulonia|Quagmires/)
    }
    const { told } = await oddHire({
      ...{ mapping: personal, seed: { customAttributes } },
      answers: { 'fields.list': { status: 403, body: { key: 'x' } } },
    })
    expect(told).not.toMatch(/Zebulonia|Quagmires/)
  })
})

describe('HiBob’s answer to a create', () => {
  it.each<[string, Effect]>([
    ['is empty', { status: 200, body: '', at: 'after' }],
    ['has no id', { status: 200, body: { email: 'ada@example.com' }, at: 'after' }],
    ['has an id that lost digits', { member: '/id', becomes: Number(whole.id) }],
    ['is cut off', { malformed: true }],
    ['is wrapped', { status: 202, body: { employee: whole }, at: 'after' }],
    [
      'shows somebody else',
      {
        status: 200,
        at: 'after',
        body: { id: '7', email: 'eve@corp.example', firstName: 'Eve', surname: 'Else' },
      },
    ],
    [
      'shows another’s e-mail and nothing more',
      { status: 200, at: 'after', body: { id: '7', email: 'eve@x.example' } },
    ],
  ])('%s: whether the employee was made is found out by a search', async (_, effect) => {
    const { failure, employee, creates } = await oddHire({ answers: { 'people.create': effect } })
    expect(failure).toMatchObject({ outcome: 'unclear' })
    expect([employee?.email, creates]).toEqual(['ada@example.com', 1])
  })

  it.each([200, 201, 202])('counts with %i', async (status) => {
    const answers = { 'people.create': { status, body: whole, at: 'after' as const } }
    expect((await oddHire({ answers })).error).toBeUndefined()
  })

  it('with another login or another name is the hire’s all the same, and told', async () => {
    for (const member of ['/email', '/firstName', '/surname']) {
      const { error, warned } = await oddHire({
        answers: { 'people.create': { member, becomes: 'Zz@x.example' } },
      })
      expect([error, warned]).toEqual([undefined, [expect.stringMatching(/^hibob\.fields_changed/)]])
    }
  })
})

describe('What HiBob holds of a new employee', () => {
  const mapping = {
    'personal.nationality': { constant: 'British, German' },
    'payroll.employment.calendarId': { constant: 'UK holidays' },
    'payroll.employment.weeklyHours': { constant: 37.5 },
    'personal.birthDate': { constant: '1990-02-03' },
  }
  const create = (member: string, becomes: unknown) =>
    oddHire({ mapping, answers: { 'people.create': { member, becomes } as Effect } })

  it.each<[string, string, unknown]>([
    ['items in another order', '/personal/nationality', ['German', 'British']],
    ['items with their ids', '/personal/nationality', [{ id: 'British' }, { id: 'g', name: 'GERMAN' }]],
    ['more items', '/personal/nationality', ['British', 'Spanish', 'German']],
    ['the name of an item that goes by its number', '/payroll/employment/calendarId', 'UK holidays'],
    ['a number as text', '/payroll/employment/weeklyHours', '37.5'],
    ['a day with a time', '/personal/birthDate', '1990-02-03T00:00:00.000'],
  ])('%s is what was sent', async (_, member, becomes) => {
    const { warned, employee } = await create(member, becomes)
    expect([warned, employee?.extra['personal']]).toEqual([[], expect.anything()])
  })

  it.each<[string, string, unknown, RegExp]>([
    ['one item of two', '/personal/nationality', ['German'], /changed .*personal\.nationality/],
    ['no item', '/personal/nationality', [], /dropped .*personal\.nationality/],
    ['a number that was rounded', '/payroll/employment/weeklyHours', 38, /changed .*weeklyHours/],
    ['another day', '/personal/birthDate', '1990-03-02', /changed .*personal\.birthDate/],
    ['nothing of the category', '/personal', null, /dropped .*nationality.*birthDate/],
  ])('%s is told by the field, without the value', async (...[, member, becomes, told]) => {
    const { warned } = await create(member, becomes)
    expect(warned).toEqual([expect.stringMatching(told)])
    expect(warned.join()).not.toMatch(/German|British|37|1990/)
  })

  it('by its names is told as sent, though it takes ids only', async () => {
    const company = { listValues: 'ids' as const, lists: { sizes: ['Small', 'Large'] } }
    const fields = [own(1, { type: 'list', listId: 'sizes' })]
    const { warned, creates } = await oddHire({
      ...{ company: { ...company, fields }, mapping: { 'work.custom.field_1': { constant: 'Large' } } },
      answers: { 'people.create': { member: '/work/custom/field_1', becomes: 'large' } },
    })
    expect([creates, warned]).toEqual([2, []])
  })
})
