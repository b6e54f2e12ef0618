/** A mapped hire meets the fields and lists that the customer's HiBob has now. */
import { describe, expect, it } from 'vitest'

import type { CompanySeed } from '../../sandbox/hibob/seed.ts'
import type { Sandbox } from '../../sandbox/index.ts'
import { fieldsSeen } from '../../src/integrations/hibob/live-fields.ts'
import { NeedsPerson } from '../../src/sdk/index.ts'
import { createCachedReads } from '../../src/worker/cached-reads.ts'
import { bobOf, hireInBob } from '../contracts/open-clients.ts'
import { openSandbox } from '../sandbox/open.ts'

const own = (number: number, given: object = {}) => ({
  ...{ id: `work.custom.field_${number}`, name: `Field ${number}` },
  ...given,
})
const custom = (name: string) => `application.custom[${JSON.stringify(name)}]`

type Seed = Parameters<Sandbox['pinpoint']['addApplication']>[0]
type Company = Omit<CompanySeed, 'name'>

/** Reads are kept as by a service, on a clock of the test. */
async function opened(company: Company = {}) {
  const sandbox = await openSandbox()
  sandbox.hibob.configure('acme', company)
  const now = new Date('2026-11-24T08:00:00Z')
  const reads = createCachedReads({ now: () => new Date(now), sleep: () => Promise.resolve() })
  const warned: string[] = []
  return {
    sandbox,
    warned,
    pass: (seconds: number) => void now.setSeconds(now.getSeconds() + seconds),
    calls: () => sandbox.calls.list({ system: 'hibob' }).map(({ operation }) => operation),
    hire: async (mapping: object | undefined, seed: Seed = {}, { afresh = false } = {}) => {
      const { id } = sandbox.pinpoint.addApplication({ job: { location: 'London (Demo)' }, ...seed })
      return hireInBob(sandbox, id, {
        mapping,
        cached: reads('acme', { afresh }),
        onWarning: (code, message) => void warned.push(`${code}: ${message}`),
      })
    },
    last: () => sandbox.hibob.employees().at(-1),
  }
}

async function parked(work: Promise<unknown>): Promise<NeedsPerson> {
  const error: unknown = await work.catch((failure: unknown) => failure)
  if (error instanceof NeedsPerson) return error
  throw new Error('it did not park')
}

describe('Fields that the company has added', () => {
  const fields = [
    own(1, { type: 'number' }),
    own(2, { type: 'boolean' }),
    own(3, { type: 'list', listId: 'size' }),
    own(4, { type: 'multi-list', listId: 'language' }),
    own(5, { type: 'date' }),
    own(6),
  ]
  const lists = { size: ['Small', 'Medium'], language: ['English', 'German', 'French'] }
  const mapping = {
    'work.custom.field_1': custom('Desk'),
    'work.custom.field_2': custom('Remote'),
    'work.custom.field_3': custom('Size'),
    'work.custom.field_4': custom('Languages'),
    'work.custom.field_5': 'offer.startOn',
    'work.custom.field_6': custom('Desk'),
  }
  const customAttributes = { Desk: '7', Remote: 'yes', Size: 'medium', Languages: 'English, German' }

  it('get their true type: number, boolean, one item or several, day, text', async () => {
    const { hire, last, warned } = await opened({ fields, lists })
    await hire(mapping, { customAttributes, offers: [{ startOn: '2027-02-01' }] })
    expect(last()?.extra).toMatchObject({
      work: {
        custom: {
          ...{ field_1: 7, field_2: true, field_3: 'Medium', field_4: ['English', 'German'] },
          ...{ field_5: '2027-02-01', field_6: '7' },
        },
      },
    })
    expect(warned).toEqual([])
  })

  it('go by the ids of items where HiBob does not take the names', async () => {
    const { hire, last, warned, calls } = await opened({ fields, lists, listValues: 'ids' })
    await hire(mapping, { customAttributes })
    expect(last()?.extra).toMatchObject({
      work: { custom: { field_3: expect.stringMatching(/^\d+$/) as string } },
    })
    expect(calls().filter((one) => one === 'people.create').length).toBeGreaterThan(1)
    expect(warned).toEqual([])
  })

  it('are left out where HiBob takes neither, and the employee is made', async () => {
    const { hire, last, warned } = await opened({ fields, lists, listValues: 'none' })
    await hire(mapping, { customAttributes, job: { location: 'London (Demo)', title: 'Designer' } })
    expect(last()?.extra).toMatchObject({ work: { custom: { field_1: 7, field_2: true } } })
    expect(last()?.extra).not.toMatchObject({ work: { custom: { field_3: expect.anything() as unknown } } })
    expect(warned.map((one) => one.split(':')[0])).toEqual([
      ...['hibob.title_left_out', 'hibob.department_left_out'],
      ...['hibob.field_left_out', 'hibob.field_left_out'],
    ])
  })

  it('are left out with a warning that names them where the value does not fit, and never its value', async () => {
    const { hire, last, warned } = await opened({ fields, lists })
    const odd = { Desk: 'by the window', Remote: 'perhaps', Size: 'Enormous', Languages: 'English, Klingon' }
    await hire(mapping, { customAttributes: odd, offers: [{ startOn: '2027-02-01' }] })
    expect(last()?.extra).toMatchObject({
      work: { custom: { field_5: '2027-02-01', field_6: 'by the window' } },
    })
    for (const number of [1, 2, 3, 4])
      expect(warned.filter((one) => one.includes(`work.custom.field_${number} was left out`))).toHaveLength(1)
    expect(warned.join()).not.toMatch(/window|perhaps|Enormous|Klingon/)
  })

  it('and a title that is in no list are told alike: with the value of a job, and without one of the person', async () => {
    const { hire, warned } = await opened()
    const job = { location: 'London (Demo)', title: 'Desiner', department: 'Enginering' }
    await hire({ 'home.mobilePhone': 'candidate.phone' }, { job })
    expect(warned).toEqual([
      expect.stringMatching(
        /^hibob\.title_left_out: The field work\.title was left out: The value "Desiner" of offer\.jobTitle .* Did you mean "Designer"\?$/,
      ),
      expect.stringMatching(
        /^hibob\.department_left_out: The field work\.department .*"Enginering".* Did you mean "Engineering"\?$/,
      ),
    ])
    for (const company of [{}, { denied: ['fields.read' as const] }]) {
      const other = await opened(company)
      await other.hire(
        { 'work.title': custom('Role') },
        { job: { location: 'London (Demo)' }, customAttributes: { Role: 'Desiner' } },
      )
      expect(other.warned.filter((one) => one.startsWith('hibob.title_left_out'))).toHaveLength(1)
      expect(other.warned.join()).not.toContain('Desiner')
    }
  })

  it('that are gone are left out, and park where the mapping says so', async () => {
    const { hire, last, warned } = await opened()
    await hire({ 'work.custom.field_9': custom('Desk') }, { customAttributes })
    expect(last()).toBeDefined()
    expect(warned).toEqual([
      expect.stringMatching(/^hibob.field_left_out: The field work.custom.field_9 was left out/),
    ])
    const strict = { from: custom('Desk'), otherwise: 'park' }
    const { code, details } = await parked(hire({ 'work.custom.field_9': strict }, { customAttributes }))
    expect([code, details['codes']]).toEqual(['hibob.mapping_gaps', ['unknown_field']])
  })
})

describe('One park', () => {
  it('names all gaps, what was meant, and the lines that would mend them; nothing is sent', async () => {
    const { hire, calls, sandbox } = await opened({ sites: ['New York - HQ', 'Berlin'] })
    const failure = await parked(
      hire(
        {
          'root.firstName': 'candidate.preferredName',
          'work.department': { from: 'job.department', values: { Ops: 'Enginering' }, otherwise: 'park' },
          'work.title': { from: custom('Role'), otherwise: 'park' },
        },
        {
          job: { location: 'New York – HQ', department: 'Ops' },
          offers: [],
          customAttributes: { Role: 'Spy' },
        },
      ),
    )
    expect(failure.code).toBe('hibob.mapping_gaps')
    expect(failure.details['targets']).toEqual(
      expect.arrayContaining([
        'root.firstName',
        'work.startDate',
        'work.site',
        'work.department',
        'work.title',
      ]),
    )
    expect(failure.message).toContain('Did you mean "New York - HQ"?')
    expect(failure.fix).toContain(
      '`work.site: { from: job.location, values: { "New York – HQ": New York - HQ } }`',
    )
    expect(failure.fix).toContain('`Ops: Engineering # in the values of work.department`')
    expect(`${failure.message} ${failure.fix} ${JSON.stringify(failure.details)}`).not.toContain('Spy')
    expect(calls()).toEqual(['fields.list', 'lists.all'])
    // It resumes when HiBob has changed.
    const { apiUrl } = { apiUrl: sandbox.hibobUrl }
    const seen = await fieldsSeen(bobOf(apiUrl))
    expect(failure.watches).toEqual(['record', { recheck: 'fields', seen }])
    sandbox.hibob.configure('acme', { sites: ['New York – HQ'] })
    expect(await fieldsSeen(bobOf(apiUrl))).not.toBe(seen)
  })

  it.each([
    ['archived', [{ name: 'Platform', archived: true }], 'not_a_choice'],
    ['a heading', [{ name: 'Platform', children: ['Data'] }], 'not_a_choice'],
    [
      'under two headings',
      [
        { name: 'A', children: ['Platform'] },
        { name: 'B', children: ['Platform'] },
      ],
      'ambiguous_choice',
    ],
  ])('is for an item that is %s', async (...[, departments, code]) => {
    const { hire } = await opened({ departments })
    const mapping = { 'work.department': { from: 'job.department', otherwise: 'park' } }
    const job = { location: 'London (Demo)', department: 'Platform' }
    expect((await parked(hire(mapping, { job }))).details['codes']).toEqual([code])
    const { hire: again, warned } = await opened({ departments })
    await again({ 'work.department': 'job.department' }, { job })
    expect(warned).toEqual([expect.stringMatching(/^hibob\.department_left_out: The field work\.department/)])
  })
})

describe('What HiBob has is read', () => {
  const mapping = { 'work.department': 'job.department' }

  it('once for all hires of some minutes, in two calls', async () => {
    const { hire, calls, pass } = await opened()
    await hire(mapping)
    expect(calls().slice(0, 2)).toEqual(['fields.list', 'lists.all'])
    pass(500)
    await hire(mapping)
    expect(calls().filter((one) => /^(lists|fields)\./.test(one))).toHaveLength(2)
  })

  it('again for a value that is not known, so that what was added a minute ago is found', async () => {
    const { hire, calls, pass, sandbox, last } = await opened()
    await hire(mapping)
    sandbox.hibob.configure('acme', { sites: ['London (Demo)', 'Oslo'] })
    pass(60)
    const job = { location: 'Oslo' }
    await hire(mapping, { job })
    expect(last()).toMatchObject({ site: 'Oslo' })
    expect(calls().filter((one) => one === 'lists.all')).toHaveLength(2)
    // A burst of hires with a value that is not there does not read for each of them.
    for (const location of ['Rome', 'Rome', 'Rome']) await parked(hire(mapping, { job: { location } }))
    expect(calls().filter((one) => one === 'lists.all')).toHaveLength(2)
  })

  it('afresh for whoever is resumed by a person', async () => {
    const { hire, sandbox, last, calls } = await opened()
    await parked(hire(mapping, { job: { location: 'Oslo' } }))
    sandbox.hibob.configure('acme', { sites: ['Oslo'] })
    await hire(mapping, { job: { location: 'Oslo' } }, { afresh: true })
    expect(last()).toMatchObject({ site: 'Oslo' })
    expect(calls().filter((one) => one === 'lists.all')).toHaveLength(2)
  })

  it('not at all without a mapping', async () => {
    const { hire, calls } = await opened()
    await hire(undefined)
    expect(calls()).not.toEqual(expect.arrayContaining(['fields.list']))
    expect(calls()).not.toEqual(expect.arrayContaining(['lists.all']))
  })

  it('for thirty fields with no call more than for eight', async () => {
    const costOf = async (count: number) => {
      const numbers = Array.from({ length: count }, (_, at) => at)
      const { hire, calls, last } = await opened({ fields: numbers.map((at) => own(at)) })
      await hire(Object.fromEntries(numbers.map((at) => [own(at).id, custom('Desk')])), {
        customAttributes: { Desk: '7' },
      })
      expect(last()?.extra).toMatchObject({ work: { custom: { [`field_${count - 1}`]: '7' } } })
      return calls().length
    }
    expect(await costOf(30)).toBe(await costOf(8))
  })
})

describe('A service user who may not see', () => {
  it.each([
    ['the fields', { denied: ['fields.read' as const] }, /company\/people\/fields/],
    ['the fields, silently', { withoutFields: ['root.email'] }, /company\/people\/fields/],
  ])('%s hires with the usual ones and one warning', async (...[, company, told]) => {
    const { hire, last, warned } = await opened(company)
    await hire(
      { 'home.mobilePhone': 'candidate.phone' },
      { phone: '+15555550100', job: { location: 'London (Demo)', title: 'Designer' } },
    )
    expect(last()).toMatchObject({ site: 'London (Demo)', title: 'Designer' })
    expect(warned).toEqual([expect.stringMatching(told)])
    expect(warned[0]).toMatch(/^hibob\.fields_unread: /)
  })

  it.each(['key', 401, 403] as const)(
    'the lists hires without title and department, as ever (%s)',
    async (deniedWith) => {
      const { hire, last, warned } = await opened({ denied: ['lists.read'], deniedWith })
      await hire(
        { 'home.mobilePhone': 'candidate.phone' },
        { job: { location: 'London (Demo)', title: 'Designer' } },
      )
      expect(last()).toMatchObject({ site: 'London (Demo)', title: null })
      expect(warned.filter((one) => one.startsWith('hibob.fields_unread'))).toEqual([
        expect.stringMatching(/company\/named-lists/),
      ])
    },
  )
})
