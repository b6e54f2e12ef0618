/** Odd lists and fields of HiBob, before a hire. */
import { describe, expect, it } from 'vitest'

import { custom, type Effect, oddHire, own, whole } from './odd-hire.ts'

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
    const { employee, warned } = await oddHire({ answers: { 'lists.get': effect }, ...titles })
    expect([employee?.title, warned]).toEqual(['Designer', []])
  })

  it('is compared without characters that nobody sees', async () => {
    const company = { titles: ['De\u200bsigner'], sites: ['London\u00a0 (Demo)'] }
    const { employee, warned } = await oddHire({ company })
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
    const { employee, warned } = await oddHire({ answers: { 'lists.get': effect }, ...titles })
    expect([employee?.title, employee?.department]).toEqual([null, 'Sales'])
    expect(warned).toEqual([expect.stringMatching(/^hibob\.title_left_out/)])
  })

  it.each([undefined, { 'work.site': 'job.location' }])(
    'without a single site are hidden, and HiBob’s own answer decides (mapping: %j)',
    async (mapping) => {
      const hidden = { status: 200, body: { values: [] } }
      const answers = { 'lists.get': hidden, 'lists.all': { member: '/site/values', becomes: [] } }
      const { error, employee } = await oddHire({ answers, mapping })
      expect([error, employee?.site]).toEqual([undefined, 'London (Demo)'])
    },
  )

  it('with two sites that differ in case only parks, with both', async () => {
    const { failure } = await oddHire({ company: { sites: ['LONDON (demo)', 'london (DEMO)'] } })
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
    const { error, employee, warned } = await oddHire({ answers: { 'lists.get': effect }, lastTry: true })
    expect([error, employee?.site]).toEqual([undefined, 'London (Demo)'])
    expect(warned.join()).toMatch(/title_left_out.*department_left_out/s)
  })

  const mapping = { 'work.custom.field_1': custom('Desk'), 'personal.pronouns': custom('Pronouns') }
  const mapped = {
    ...{ mapping, company: { fields: [own(1, { type: 'number' })] }, lastTry: true },
    seed: { customAttributes: { Desk: '7', Pronouns: 'she / her' } },
  }

  it.each(unreadable)('of a mapped hire that answer %s cost no field that needs none', async (_, effect) => {
    const { error, employee, warned } = await oddHire({ ...mapped, answers: { 'lists.all': effect } })
    expect([error, employee?.site]).toEqual([undefined, 'London (Demo)'])
    expect(employee?.extra).toMatchObject({ work: { custom: { field_1: 7 } } })
    expect(warned).toContainEqual(expect.stringMatching(/^hibob\.fields_unread .*named-lists/))
  })

  it.each(unreadable)('and fields that answer %s cost what only they tell', async (_, effect) => {
    const { error, employee, warned } = await oddHire({ ...mapped, answers: { 'fields.list': effect } })
    expect([error, employee?.site, employee?.title]).toEqual([undefined, 'London (Demo)', 'Designer'])
    expect(warned).toContainEqual(expect.stringMatching(/^hibob\.fields_unread .*company\/people\/fields/))
  })

  it('a limit is waited for', async () => {
    const { failure, creates } = await oddHire({ answers: { 'lists.get': { rateLimit: {} } } })
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
    const { error, employee, warned } = await oddHire({ answers, mapping, seed, company })
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
    const { employee, creates, sandbox } = await oddHire({ company, mapping })
    expect([creates, employee?.extra['work']]).toEqual([1, { custom: { field_1: '602' } }])
    expect(sandbox.calls.count('hibob', 'people.create')).toBe(1)
  })
})
