/** Answers of HiBob that are odd, but of the kinds that are on record: what the hire makes of them, and that it makes one employee. */
import { describe, expect, it } from 'vitest'

import type { CompanySeed } from '../../sandbox/hibob/seed.ts'
import type { FaultRule } from '../../sandbox/index.ts'
import type { Sandbox } from '../../sandbox/index.ts'
import { Failure } from '../../src/base/failure.ts'
import { hireInBob } from '../contracts/open-clients.ts'
import { openSandbox } from '../sandbox/open.ts'

type Effect = FaultRule['effect']
type Seed = Parameters<Sandbox['pinpoint']['addApplication']>[0]

interface Given {
  readonly company?: Omit<CompanySeed, 'name'>
  /** Operation → what becomes of its answers, always. */
  readonly answers?: Readonly<Record<string, Effect>>
  readonly mapping?: object
  readonly seed?: Seed
  readonly settings?: object
  readonly lastTry?: boolean
  /** Of a call's address: only these answers are odd. */
  readonly holding?: string
}

async function hired({ company = {}, answers = {}, mapping, seed, holding, ...given }: Given) {
  const sandbox = await openSandbox()
  sandbox.hibob.configure('acme', company)
  sandbox.hibob.addEmployee({ email: 'grace@corp.example', firstName: 'Grace' })
  for (const [operation, effect] of Object.entries(answers))
    sandbox.faults.add({ system: 'hibob', operation, effect, times: 'always', holding })
  const { id } = sandbox.pinpoint.addApplication({
    ...{ firstName: 'Ada', lastName: 'Example', email: 'ada@example.com', cv: null },
    job: { title: 'Designer', department: 'Sales', location: 'London (Demo)' },
    ...seed,
  })
  const warned: string[] = []
  const onWarning = (code: string, message: string) => void warned.push(`${code} ${message}`)
  const error: unknown = await hireInBob(sandbox, id, { onWarning, mapping, ...given }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  const [employee, ...twins] = sandbox.hibob.employees().filter(({ seeded }) => !seeded)
  expect(twins).toEqual([])
  const failure = error instanceof Failure ? error : undefined
  return {
    ...{ sandbox, employee, warned, error, failure },
    creates: sandbox.calls.count('hibob', 'people.create'),
    told: JSON.stringify([warned, failure?.reason, failure?.details]),
  }
}

const whole = {
  ...{ id: '3397352260643062621', email: 'ada@example.com', firstName: 'Ada', surname: 'Example' },
  work: { site: 'London (Demo)', startDate: '2027-01-04', title: 'Designer', department: 'Sales' },
  home: { privateEmail: 'ada@example.com' },
}
const custom = (name: string) => `application.custom[${JSON.stringify(name)}]`
const own = (number: number, given: object = {}) => ({
  ...{ id: `work.custom.field_${number}`, name: `Field ${number}`, ...given },
})

describe('A new employee whom HiBob refuses', () => {
  const statuses = [400, 422] as const
  const shapes = ['key', 'errorMessage', 'errors'] as const
  const forms = statuses.flatMap((status) => shapes.map((shape) => [status, shape] as const))
  const mapping = { 'home.mobilePhone': 'candidate.phone' }
  const seed = { phone: '+15555550100' }

  it.each(forms)('with %i in the shape of %s for an optional field is made without it', async (...form) => {
    const [refusedWith, refusals] = form
    const company = { refusedWith, refusals, refusedFields: ['home.mobilePhone'] }
    const { employee, warned, creates } = await hired({ company, mapping, seed })
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
    const { failure, creates, employee } = await hired({ company, mapping, seed })
    expect(failure?.details).toMatchObject({
      fields: expect.arrayContaining(['home.mobilePhone']) as unknown,
    })
    expect([failure?.code, creates, employee]).toEqual(['hibob.create_refused', 1, undefined])
  })

  it('for a field that was not sent parks, and says that it is to be mapped', async () => {
    const body = { errors: { 'work.custom.field_9': { error: 'required', message: 'x' } } }
    const { failure, creates } = await hired({ answers: { 'people.create': { status: 400, body } } })
    expect(failure).toMatchObject({ code: 'hibob.create_refused', resumesOn: 'connection' })
    expect([failure?.reason, creates]).toEqual([expect.stringContaining('work.custom.field_9'), 1])
  })

  it('for a field that the mapping says must not be left out parks', async () => {
    const strict = { 'home.mobilePhone': { from: 'candidate.phone', otherwise: 'park' } }
    const company = { refusedFields: ['home.mobilePhone'] }
    const { failure, creates, employee } = await hired({ company, mapping: strict, seed })
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
      const { failure, employee } = await hired({
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
      const { failure, creates } = await hired({ answers })
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
      const { failure, told } = await hired({ ...given, answers })
      expect(failure?.code).toBe('hibob.create_refused')
      expect(told).not.toMatch(/Zebulonia|Quagmires/)
    }
    const { told } = await hired({
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
    const { failure, employee, creates } = await hired({ answers: { 'people.create': effect } })
    expect(failure).toMatchObject({ outcome: 'unclear' })
    expect([employee?.email, creates]).toEqual(['ada@example.com', 1])
  })

  it.each([200, 201, 202])('counts with %i', async (status) => {
    const answers = { 'people.create': { status, body: whole, at: 'after' as const } }
    expect((await hired({ answers })).error).toBeUndefined()
  })

  it('with another login or another name is the hire’s all the same, and told', async () => {
    for (const member of ['/email', '/firstName', '/surname']) {
      const { error, warned } = await hired({
        answers: { 'people.create': { member, becomes: 'Zz@x.example' } },
      })
      expect([error, warned]).toEqual([undefined, [expect.stringMatching(/^hibob\.fields_changed/)]])
    }
  })
})

describe('Lists of HiBob, before a hire', () => {
  const listed = (values: readonly unknown[]): Effect => ({ member: '/values', becomes: values as never })
  const many = Array.from({ length: 10_000 }, (_, at) => ({
    id: at,
    name: `Item ${at}`,
    value: `Item ${at}`,
  }))

  const titles = { holding: 'named-lists/title' }

  it.each<[string, Effect]>([
    ['an item that is null', listed([null, { id: '1', name: 'Designer' }])],
    [
      'items of another kind',
      listed([7, 'x', [], { id: {}, name: 'Designer', archived: 'no', children: {} }]),
    ],
    ['ids that are numbers', listed([{ id: 12, name: 'Designer' }])],
    ['an id too large for a number', listed([{ id: Number(whole.id), name: 'Designer' }])],
    [
      'an archived item of the same name',
      listed([
        { name: 'Designer', archived: true },
        { id: '1', name: 'Designer' },
      ]),
    ],
    ['another case and spaces', listed([{ id: '1', name: ' DESIGNER ' }])],
    ['ten thousand items', listed([...many, { id: 'x', name: 'Designer' }])],
  ])('with %s still has the title', async (_, effect) => {
    const { employee, warned } = await hired({ answers: { 'lists.get': effect }, ...titles })
    expect([employee?.title, warned]).toEqual(['Designer', []])
  })

  it('is compared without characters that nobody sees', async () => {
    const company = { titles: ['De\u200bsigner'], sites: ['London\u00a0 (Demo)'] }
    const { employee, warned } = await hired({ company })
    expect([employee?.title, employee?.site, warned]).toEqual([...company.titles, ...company.sites, []])
  })

  it.each<[string, Effect]>([
    ['nothing that can be read', listed([null, 7])],
    [
      'one name under two headings',
      listed(['A', 'B'].map((name) => ({ name, children: [{ id: name, name: 'Designer' }] }))),
    ],
    ['two that differ in case only', listed([{ name: 'designer' }, { name: 'DESIGNER' }])],
  ])('with %s costs the title, and nothing else', async (_, effect) => {
    const { employee, warned } = await hired({ answers: { 'lists.get': effect }, ...titles })
    expect([employee?.title, employee?.department]).toEqual([null, 'Sales'])
    expect(warned).toEqual([expect.stringMatching(/^hibob\.title_left_out/)])
  })

  it('with two sites that differ in case only parks, with both', async () => {
    const { failure } = await hired({ company: { sites: ['LONDON (demo)', 'london (DEMO)'] } })
    expect(failure).toMatchObject({
      code: 'hibob.site_unknown',
      message: 'HiBob has several sites like "London (Demo)".',
    })
  })

  const unreadable: readonly (readonly [string, Effect])[] = [
    ['403', { status: 403, body: { key: 'forbidden', error: 'x' } }],
    ['404', { status: 404, body: '' }],
    ['404 as HiBob says it', { status: 404, body: { key: 'notfound', error: 'x' } }],
    ['500', { status: 500 }],
    ['a page', { html: true }],
    ['a page with 503', { page: { status: 503 } }],
    ['half of it', { malformed: true }],
    ['nothing', { status: 200, body: '' }],
    ['another shape', { status: 200, body: [7] }],
    ['more than is read', { status: 200, body: [many, many, many, many] as never }],
  ]

  it.each(unreadable)('that answer %s stop nobody for ever', async (_, effect) => {
    const { error, employee, warned } = await hired({ answers: { 'lists.get': effect }, lastTry: true })
    expect([error, employee?.site]).toEqual([undefined, 'London (Demo)'])
    expect(warned.join()).toMatch(/title_left_out.*department_left_out/s)
  })

  const mapping = { 'work.custom.field_1': custom('Desk'), 'personal.pronouns': custom('Pronouns') }
  const mapped = {
    ...{ mapping, company: { fields: [own(1, { type: 'number' })] }, lastTry: true },
    seed: { customAttributes: { Desk: '7', Pronouns: 'she / her' } },
  }

  it.each(unreadable)('of a mapped hire that answer %s cost no field that needs none', async (_, effect) => {
    const { error, employee, warned } = await hired({ ...mapped, answers: { 'lists.all': effect } })
    expect([error, employee?.site]).toEqual([undefined, 'London (Demo)'])
    expect(employee?.extra).toMatchObject({ work: { custom: { field_1: 7 } } })
    expect(warned).toContainEqual(expect.stringMatching(/^hibob\.fields_unread .*named-lists/))
  })

  it.each(unreadable)('and fields that answer %s cost what only they tell', async (_, effect) => {
    const { error, employee, warned } = await hired({ ...mapped, answers: { 'fields.list': effect } })
    expect([error, employee?.site, employee?.title]).toEqual([undefined, 'London (Demo)', 'Designer'])
    expect(warned).toContainEqual(expect.stringMatching(/^hibob\.fields_unread .*company\/people\/fields/))
  })

  it('a limit is waited for', async () => {
    const { failure, creates } = await hired({ answers: { 'lists.get': { rateLimit: {} } } })
    expect([failure?.code, creates]).toEqual(['hibob.rate_limited', 0])
  })
})

describe('Fields of HiBob, before a mapped hire', () => {
  const field = { id: 'work.custom.field_1', name: 'Desk', type: 'number', typeData: {} }
  const odd = [
    null,
    7,
    {},
    { id: 7 },
    { ...field, id: '' },
    { id: 'x.y', name: 7, type: null, typeData: 'z' },
  ]
  const mapping = { 'work.custom.field_1': custom('Desk') }
  const seed = { customAttributes: { Desk: '7' } }
  const company = { fields: [own(1, { type: 'number' })] }

  it('that are odd cost only themselves, and one that is there twice is one', async () => {
    const known = ['firstName', 'surname', 'email'].map((name) => ({ id: `root.${name}`, type: 'string' }))
    const work = ['site', 'startDate'].map((name) => ({ id: `work.${name}`, type: 'unheard-of' }))
    const usual = ['work.title', 'work.department', 'home.privateEmail'].map((id) => ({ id, type: 'text' }))
    const all = [...odd, ...known, ...work, ...usual, field, field]
    const answers = { 'fields.list': { status: 200, body: all } as never }
    const { error, employee, warned } = await hired({ answers, mapping, seed, company })
    expect([error, employee?.extra['work']]).toEqual([undefined, { custom: { field_1: 7 } }])
    expect(warned).toEqual([])
  })
})

describe('An item that shares its name with another', () => {
  const departments = [
    { name: 'Europe', children: [{ id: '501', name: 'Sales' }] },
    { name: 'Asia', children: [{ id: '502', name: 'Sales' }] },
  ]
  const tree = [
    { name: 'Left', children: [{ id: '601', name: 'Desk' }] },
    { name: 'Right', children: [{ id: '602', name: 'desk ' }] },
  ]
  const company = {
    ...{ departments, lists: { desks: tree }, listValues: 'both' as const },
    fields: [own(1, { type: 'hierarchy-list', listId: 'desks' })],
  }

  it('is sent by its id from the first call on, since its name would be either', async () => {
    const mapping = { 'work.department': { constant: '502' }, 'work.custom.field_1': { constant: '602' } }
    const { employee, creates, sandbox } = await hired({ company, mapping })
    expect([creates, employee?.extra['work']]).toEqual([1, { custom: { field_1: '602' } }])
    expect(sandbox.calls.count('hibob', 'people.create')).toBe(1)
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
    hired({ mapping, answers: { 'people.create': { member, becomes } as Effect } })

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
    const { warned, creates } = await hired({
      ...{ company: { ...company, fields }, mapping: { 'work.custom.field_1': { constant: 'Large' } } },
      answers: { 'people.create': { member: '/work/custom/field_1', becomes: 'large' } },
    })
    expect([creates, warned]).toEqual([2, []])
  })
})
