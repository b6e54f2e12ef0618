/** Fields that every HiBob has, beyond those of every hire: what `apply` takes of them, what HiBob is sent, and what it says to that. */
import { describe, expect, it } from 'vitest'

import { builtInFields } from '../../sandbox/hibob/field-catalogue.ts'
import type { CompanySeed } from '../../sandbox/hibob/seed.ts'
import type { Sandbox } from '../../sandbox/index.ts'
import { fieldsMeant } from '../../src/integrations/hibob/field-names.ts'
import { targetsOf } from '../../src/integrations/hibob/fields.ts'
import { hibob } from '../../src/integrations/hibob/index.ts'
import { standardIds, targets } from '../../src/integrations/hibob/mapping.ts'
import { readHibobRefusal } from '../../src/integrations/hibob/refusals.ts'
import * as wire from '../../src/integrations/hibob/wire.ts'
import { NeedsPerson } from '../../src/sdk/index.ts'
import { mappingFaults } from '../../src/tenants/mapping-faults.ts'
import { hireInBob } from '../contracts/open-clients.ts'
import { openSandbox } from '../sandbox/open.ts'

type Seed = Parameters<Sandbox['pinpoint']['addApplication']>[0]

async function opened(company: Omit<CompanySeed, 'name'> = {}) {
  const sandbox = await openSandbox()
  sandbox.hibob.configure('acme', company)
  const warned: string[] = []
  return {
    sandbox,
    warned,
    hire: async (mapping: object, seed: Seed = {}) => {
      const { id } = sandbox.pinpoint.addApplication({ job: { location: 'London (Demo)' }, ...seed })
      return hireInBob(sandbox, id, {
        mapping,
        onWarning: (code, message) => void warned.push(`${code} ${message}`),
      })
    },
    last: () => sandbox.hibob.employees().at(-1),
    creates: () => sandbox.calls.count('hibob', 'people.create'),
  }
}

const faultsOf = (mapping: object) =>
  mappingFaults(hibob, { mapping }).map(({ target, problem }) => `${target} ${problem}`)
const custom = (name: string) => `application.custom[${JSON.stringify(name)}]`

const address = {
  attributes: { address2: 'Flat 2', postcode: 'EX1 0AA' },
  country: 'united kingdom',
}
const ofAddress = {
  'address.line1': 'candidate.address.line1',
  'address.line2': 'candidate.address.line2',
  'address.city': 'candidate.address.town',
  'address.postCode': 'candidate.address.postcode',
  'address.country': 'candidate.address.country',
}

describe('`apply` takes', () => {
  it('every field that HiBob’s metadata has and that takes a value, and says of the others that they do not', () => {
    const fields = targetsOf(wire.fields.parse(builtInFields.map((one) => ({ ...one, typeData: null }))), {})
    const written = ({ id, type }: { id: string; type: string }) => ({
      [id]: type === 'person' ? { from: 'offer.manager.email', find: 'employee' } : 'candidate.phone',
    })
    const open = fields.filter(({ writable }) => writable)
    expect(open.length).toBeGreaterThan(45)
    expect(open.flatMap((field) => faultsOf(written(field)))).toEqual([])
    for (const id of ['root.fullName', 'address.fullAddress', 'personal.age', 'work.siteId'])
      expect(faultsOf({ [id]: 'candidate.phone' })).toEqual([`${id} cannot be mapped`])
  })

  it('all that it knows, each once, and knows more than eighty without asking HiBob', () => {
    expect(standardIds.length).toBeGreaterThan(80)
    expect(new Set(targets.map(({ id }) => id)).size).toBe(targets.length)
  })

  it('a field that is new in HiBob or the company’s own, since only HiBob knows', () => {
    expect(
      faultsOf({
        'employee.badgeNumber': custom('Badge'),
        'home.custom.field_17': custom('Size'),
        // Whether it names a person, too.
        'work.custom.field_18': { from: 'offer.manager.email', find: 'employee' },
      }),
    ).toEqual([])
  })

  it.each([
    ['home.mobilPhone', 'Did you mean home.mobilePhone'],
    ['work.linkedin', 'Did you mean about.socialData.linkedin?'],
    ['linkedin', 'Did you mean about.socialData.linkedin?'],
    ['address.postcodes', 'Did you mean address.postCode'],
    ['mobilePhone', 'Did you mean home.mobilePhone'],
    ['payroll.variable.Bonus.amount', 'is not a field'],
    ['Shoe size', 'is not a field'],
  ])('no %s', (id, said) => {
    expect(faultsOf({ [id]: 'candidate.phone' }).join()).toContain(said)
  })
})

describe('A hire with more than thirty mapped fields', () => {
  const texts = ['root.secondName', 'root.displayName', 'home.mobilePhone', 'home.privatePhone']
  const more = [
    ...['work.workPhone', 'work.workMobile', 'personal.communication.slackUsername', 'about.about'],
    ...['about.socialData.linkedin', 'about.socialData.twitter', 'emergency.firstName'],
    ...['emergency.surname', 'emergency.mobilePhone', 'address.usaState'],
  ]
  const mapping = {
    ...Object.fromEntries([...texts, ...more].map((id) => [id, custom('Anything')])),
    ...ofAddress,
    'root.displayName': 'candidate.preferredName',
    'home.mobilePhone': 'candidate.phone',
    'about.socialData.linkedin': 'candidate.linkedinUrl',
    'personal.birthDate': custom('Born'),
    'personal.pronouns': custom('Pronouns'),
    'personal.nationality': custom('Nationalities'),
    'home.familyStatus': { constant: 'Single' },
    'home.numberOfKids': { constant: 2 },
    'emergency.country': { constant: 'Spain' },
    'employee.orgLevel': { constant: 'Senior' },
    'work.employeeIdInCompany': custom('Number'),
    'payroll.employment.weeklyHours': { constant: 37.5 },
    'payroll.employment.fte': { constant: 100 },
    'payroll.employment.calendarId': { constant: 'UK' },
    'payroll.employment.contract': { constant: 'Full time' },
  }
  const lists = {
    pronouns: ['They / Them'],
    countries: ['Spain', 'United Kingdom'],
    nationalities: ['British', 'Spanish'],
    familystatus: ['Single'],
    orgLevels: ['Senior'],
    employmentstatus: ['Full time'],
    calendar: [{ name: 'UK', id: '4711' }],
  }
  const seed = {
    ...address,
    attributes: { ...address.attributes, linkedin_url: 'https://linkedin.example/ada' },
    ...{ preferredName: 'Adi', phone: '+44 7700 900123' },
    customAttributes: {
      ...{ Anything: 'x', Born: '2000-02-29', Pronouns: 'they / them', Nationalities: 'British, Spanish' },
      Number: '77',
    },
  }

  it('has them all in HiBob, in the form of each, with no warning', async () => {
    expect(Object.keys(mapping).length).toBeGreaterThan(30)
    expect(faultsOf(mapping)).toEqual([])
    const { hire, last, warned } = await opened({ lists })
    await hire(mapping, seed)
    expect(warned).toEqual([])
    expect(last()).toMatchObject({
      displayName: 'Adi',
      extra: {
        ...{ secondName: 'x', displayName: 'Adi' },
        home: { mobilePhone: '+44 7700 900123', privatePhone: 'x', familyStatus: 'Single', numberOfKids: 2 },
        address: {
          ...{ line1: '1 Example Street', line2: 'Flat 2', city: 'Exampletown', postCode: 'EX1 0AA' },
          ...{ country: 'United Kingdom', usaState: 'x' },
        },
        about: { socialData: { linkedin: 'https://linkedin.example/ada' } },
        personal: { birthDate: '2000-02-29', pronouns: 'They / Them', nationality: ['British', 'Spanish'] },
        emergency: { country: 'Spain' },
        employee: { orgLevel: 'Senior' },
        work: { employeeIdInCompany: 77, workPhone: 'x' },
        payroll: { employment: { weeklyHours: 37.5, fte: 100, calendarId: 4711, contract: 'Full time' } },
      },
    })
  })

  it('goes on without HiBob’s metadata, in the forms that every HiBob has', async () => {
    const { hire, last, warned } = await opened({ lists, denied: ['fields.read'] })
    const { 'payroll.employment.calendarId': _, ...known } = mapping
    await hire({ ...known, 'address.country': 'candidate.address.country' }, seed)
    expect(warned).toEqual([expect.stringContaining('hibob.fields_unread')])
    expect(last()?.extra).toMatchObject({
      home: { numberOfKids: 2 },
      work: { employeeIdInCompany: 77 },
    })
  })

  it('is told field by field what the service user may not edit, and what it may not see', async () => {
    const categories = ['personalContact', 'workContact', 'about', 'personal']
    const { hire, warned, last } = await opened({
      lists,
      uneditableFields: [...categories, 'root.displayName', 'payroll.employment.weeklyHours'],
      hiddenFields: ['address'],
    })
    await hire(mapping, seed)
    expect(last()?.extra).not.toHaveProperty('home.mobilePhone')
    const said = warned.join('\n')
    const dropped = ['home.mobilePhone', 'work.workPhone', 'about.socialData.linkedin', 'personal.pronouns']
    for (const id of dropped) expect(said).toContain(`(${id})`)
    expect(said).toMatch(/may not edit .*Personal contact details.*Work contact details.*About/)
    expect(said).toMatch(/hibob\.fields_not_shown .*\(address\.line1\).*\(address\.country\)/)
    expect(said).toMatch(
      /hibob\.fields_changed .*\(root\.displayName\).*\(payroll\.employment\.weeklyHours\)/,
    )
    expect(said).not.toMatch(/7700|Example Street|linkedin\.example/)
  })
})

describe('A country', () => {
  it.each<[string, string | undefined, object]>([
    ['is found in HiBob’s list by its name', 'United Kingdom', {}],
    [
      'that the list does not have is left out with a warning',
      undefined,
      { lists: { countries: ['Spain'] } },
    ],
  ])('%s (case 40)', async (_, held, company) => {
    const { hire, last, warned } = await opened(company)
    await hire(ofAddress, address)
    const { address: kept } = last()?.extra as { address: Record<string, string> }
    expect([kept['country'], kept['city']]).toEqual([held, 'Exampletown'])
    expect(warned.length).toBe(held === undefined ? 1 : 0)
    expect(warned.join()).not.toMatch(/kingdom/i)
  })

  it('parks a hire only where the mapping says so', async () => {
    const { hire, creates } = await opened({ lists: { countries: ['Spain'] } })
    const strict = { from: 'candidate.address.country', otherwise: 'park' }
    await expect(hire({ 'address.country': strict }, address)).rejects.toBeInstanceOf(NeedsPerson)
    expect(creates()).toBe(0)
  })
})

describe('A phone number', () => {
  const mapping = { 'home.mobilePhone': 'candidate.phone|phone' }
  it.each([
    ['+44 7700 900123', 'GB', '+447700900123'],
    ['07700 900123', 'GB', '+447700900123'],
    ['7700', 'GB', undefined],
  ])(
    '%s is E.164 in HiBob, or left out with a warning and not broken (case 39)',
    async (phone, iso, held) => {
      const { hire, last, warned } = await opened()
      await hire(mapping, { phone, attributes: { phone_iso2: iso } })
      const { home } = last()?.extra as { home: Record<string, string> }
      expect(home['mobilePhone']).toBe(held)
      const message =
        /^hibob\.field_left_out The field home\.mobilePhone was left out: The value of candidate\.phone is/
      expect(warned).toEqual(held === undefined ? [expect.stringMatching(message)] : [])
      expect(warned.join()).not.toContain(phone)
    },
  )
})

describe('A refused field', () => {
  it.each(['key', 'errors', 'errorMessage'] as const)(
    'that can be left out is, after one more search, and no other of the same name (%s)',
    async (refusals) => {
      const { hire, last, warned, creates, sandbox } = await opened({
        ...{ refusals, refusedFields: ['home.mobilePhone'] },
      })
      await hire(
        { 'home.mobilePhone': 'candidate.phone', 'emergency.mobilePhone': custom('Mobile') },
        {
          phone: '+15555550100',
          customAttributes: { Mobile: '+15555550101' },
        },
      )
      expect(creates()).toBe(2)
      expect(sandbox.hibob.employees()).toHaveLength(1)
      expect(last()?.extra).toMatchObject({ emergency: { mobilePhone: '+15555550101' } })
      expect(warned).toEqual([
        'hibob.field_left_out The field home.mobilePhone was left out: HiBob refused it.',
      ])
    },
  )

  it('of somebody else is not taken for the hire’s own name', async () => {
    const { hire, last, creates } = await opened({ refusedFields: ['emergency.firstName'] })
    await hire({ 'emergency.firstName': custom('Name') }, { customAttributes: { Name: '7' } })
    expect([creates(), last()?.extra['emergency']]).toEqual([2, undefined])
  })

  it('is known by its whole name first, and by its last word where that is all', () => {
    const ids = ['root.firstName', 'emergency.firstName', 'home.mobilePhone', 'work.custom.field_12']
    expect(fieldsMeant('firstName', ids)).toEqual(['root.firstName'])
    expect(fieldsMeant('/emergency/firstName', ids)).toEqual(['emergency.firstName'])
    expect(fieldsMeant('mobilephone', ids)).toEqual(['home.mobilePhone'])
    expect(fieldsMeant('custom.field_12', ids)).toEqual(['work.custom.field_12'])
    expect(fieldsMeant('body.work.custom.field_12', ids)).toEqual(['work.custom.field_12'])
    expect(fieldsMeant('phone', ids)).toEqual([])
  })

  it('is read out of a sentence where it stands with its id', () => {
    const errorMessage = 'Ada is no value of address.country. See work.custom.field_12, and root.fullName.'
    expect(readHibobRefusal(400, { errorMessage })?.objections.map(({ field }) => field)).toEqual([
      ...['address.country', 'work.custom.field_12'],
    ])
  })
})

describe('A colleague whom a field names', () => {
  const buddy = { 'employee.buddy': { from: custom('Buddy'), find: 'employee' } }
  const seed = { customAttributes: { Buddy: 'grace@example.com' } }

  it('is found by their e-mail, and sent by their id', async () => {
    const { hire, last, sandbox, warned } = await opened()
    const { id } = sandbox.hibob.addEmployee({ email: 'grace@example.com' })
    await hire(buddy, seed)
    expect([last()?.extra['employee'], warned]).toEqual([{ buddy: id }, []])
  })

  it('and who is not there is left out, or parks where the mapping says so; the reason names nobody', async () => {
    const { hire, warned, creates } = await opened()
    await hire(buddy, seed)
    expect(warned).toEqual([
      expect.stringMatching(/^hibob\.field_left_out The field employee\.buddy .*buddy’s e-mail/),
    ])
    const strict = { 'employee.buddy': { ...buddy['employee.buddy'], otherwise: 'park' } }
    const failure: unknown = await hire(strict, seed).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'hibob.mapping_gaps' })
    expect(`${(failure as NeedsPerson).message} ${warned.join()}`).not.toContain('grace')
    expect(creates()).toBe(1)
  })

  it('is left out of a field that turns out to be no field for people', async () => {
    const fields = [{ id: 'work.custom.field_18', name: 'Mentor' }]
    const { hire, warned, last, sandbox } = await opened({ fields })
    sandbox.hibob.addEmployee({ email: 'grace@example.com' })
    await hire({ 'work.custom.field_18': { from: custom('Buddy'), find: 'employee' } }, seed)
    expect(last()?.extra).not.toHaveProperty('work.custom')
    expect(warned).toEqual([expect.stringContaining('it is no field that names a person')])
  })
})
