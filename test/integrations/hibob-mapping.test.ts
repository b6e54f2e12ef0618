/** What HiBob is sent of a hire: by ourselves, and as a connection's mapping makes it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { employeeJson } from '../../src/integrations/hibob/employee-json.ts'
import { hibob } from '../../src/integrations/hibob/index.ts'
import { mappedHire, wantedHire } from '../../src/integrations/hibob/mapped-hire.ts'
import { jsonValues } from '../../src/integrations/hibob/more-values.ts'
import { settings as schema } from '../../src/integrations/hibob/settings.ts'
import { type HiredApplication, NeedsPerson } from '../../src/sdk/index.ts'
import { openMapping } from '../../src/worker/open-mapping.ts'
import { hireOf, offerOf } from './a-hire.ts'

const triggeredAt = new Date('2026-11-24T23:30:00Z')
const read = (given: object) => schema.parse(given)

function byItself(application: HiredApplication, given: object, timeZone?: string) {
  const context = {
    event: { data: application, triggeredAt },
    settings: read(given),
    timeZone,
    mapped: undefined,
  }
  return wantedHire(context as unknown as Parameters<typeof wantedHire>[0])
}

function mapped(
  application: HiredApplication,
  written: object,
  { timeZone, ...given }: { readonly timeZone?: string | undefined } & object = {},
) {
  const stored = { written: written as Record<string, string>, version: 1 }
  const apply = openMapping(hibob, stored, read(given))
  if (apply === undefined) throw new Error('it has a mapping')
  return mappedHire(application, apply({ application, triggeredAt }, timeZone))
}

/** What is sent, or that the run parks. */
function outcome(work: () => ReturnType<typeof mappedHire>): unknown {
  try {
    return work()
  } catch (error) {
    if (error instanceof NeedsPerson) return 'parks'
    throw error
  }
}

describe('A connection without a mapping', () => {
  it('sends byte for byte what it always did', () => {
    const { hire, title, department, privateEmail, more } = byItself(hireOf(), {
      sites: { springfield: 'HQ' },
    })
    expect(
      JSON.stringify(employeeJson({ ...hire, title, department, privateEmail, more: jsonValues(more) })),
    ).toBe(
      '{"firstName":"Ada","surname":"Example","email":"ada@example.com","work":{"site":"HQ","startDate":"2027-01-04","title":"Engineer","department":"Engineering"},"home":{"privateEmail":"ada@example.com"}}',
    )
  })

  it('sends what its settings say as a mapping, which is what `mapping show` shows', () => {
    const text = fc.constantFrom(
      undefined,
      '',
      ' ',
      'Ada',
      'Zoë\u200b',
      'van der  Berg',
      'Łódź'.normalize('NFD'),
    )
    const day = fc.constantFrom(undefined, '2027-01-04', '2027-02-29', 'soon', '2027-01-04T00:30:00+01:00')
    const job = fc
      .record({
        location: fc.constantFrom(undefined, 'Leeds', 'leeds ', 'York'),
        title: text,
        department: text,
      })
      .map((given) => ({ id: '7', visibility: 'external', ...given }))
    const hire = fc
      .record({
        firstName: text,
        lastName: text,
        email: fc.constantFrom(undefined, 'ada@example.com', ' Ada+x@Example.COM\u200b'),
        startOn: day,
        hiredAt: fc.constantFrom(undefined, '2026-11-24T23:30:00Z', 'never'),
        offers: fc.constantFrom(
          undefined,
          [],
          [offerOf()],
          [offerOf({ startOn: '2027-02-30', jobTitle: ' Lead ' })],
        ),
        job: fc.option(job, { nil: undefined }),
        jobRefused: fc.constantFrom(undefined, 403),
      })
      .map((given) => hireOf(given as Partial<HiredApplication>))
    const given = fc.record(
      {
        site: fc.constant('HQ'),
        sites: fc.constantFrom({}, { Leeds: 'North' }),
        startDateRule: fc.constantFrom('park', { daysAfterHire: 14 }),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(
        hire,
        given,
        fc.constantFrom(undefined, 'Europe/Berlin'),
        (application, settings, timeZone) => {
          expect(outcome(() => mapped(application, {}, { ...settings, timeZone }))).toEqual(
            outcome(() => byItself(application, settings, timeZone)),
          )
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('A mapping', () => {
  it('decides field by field, and reaches fields that HiBob has beside the usual ones', () => {
    const application = hireOf({
      phone: '+44 7700 900123',
      preferredName: 'Adi',
      customAttributes: { 'T-shirt size': 'M', Grade: 'Senior' },
    })
    const { hire, candidate, more, rows, ...rest } = mapped(application, {
      'root.firstName': ['candidate.preferredName', 'default'],
      'work.title': { from: 'application.custom["Grade"]', values: { Senior: 'Senior Engineer' } },
      'home.mobilePhone': 'candidate.phone',
      'home.custom.field_1644932887286': 'application.custom["T-shirt size"]',
    })
    expect(rest).toEqual({
      ...{ title: 'Senior Engineer', department: 'Engineering', privateEmail: 'ada@example.com' },
      ...{ mustKeep: new Set(), untold: { title: true } },
    })
    expect(rows).toEqual({ rows: [], leftOut: [] })
    expect(employeeJson({ ...hire, ...rest, more: jsonValues(more) })).toMatchObject({
      firstName: 'Adi',
      home: { mobilePhone: '+44 7700 900123', custom: { field_1644932887286: 'M' } },
    })
    // The person is still known by the name that they gave.
    expect(candidate.firstNames).toEqual(['Ada', 'Adi'])
  })

  it('makes the login, while the address that the hire gave goes along and stays what they are known by', () => {
    const rule = { template: '{candidate.firstName|slug}.{candidate.lastName|slug}@acme.example' }
    const { hire, candidate, privateEmail } = mapped(hireOf({ lastName: 'van der Berg' }), {
      'root.email': { from: 'application.custom["Work e-mail"]', otherwise: rule },
    })
    expect(hire.email).toBe('ada.van-der-berg@acme.example')
    expect(privateEmail).toBe('ada@example.com')
    expect(candidate).toMatchObject({ email: 'ada@example.com', login: 'ada.van-der-berg@acme.example' })
    // The same address in capitals is the one that they gave.
    expect(mapped(hireOf(), { 'root.email': 'candidate.email|upper' }).candidate).not.toHaveProperty('login')
  })

  it.each([undefined, '', ' ', 'not an address', 'ada@', '\u200b'])(
    'makes no login for a hire without an address of their own: %j',
    (email) => {
      const rule = { constant: 'ada@acme.example' }
      expect(() => mapped(hireOf({ email }), { 'root.email': rule })).toThrow(/e-mail address/)
    },
  )

  it.each(['ada example@acme.example', '', 'ada@acme@example', 'ada'])('makes no login of %j', (text) => {
    const customAttributes = { 'Work e-mail': text }
    const rule = { 'root.email': 'application.custom["Work e-mail"]' }
    expect(() => mapped(hireOf({ customAttributes }), rule)).toThrow(/root\.email/)
  })

  it('knows the person by the first name that it sends, too, where that is one of their own', () => {
    const named = (rule: unknown, customAttributes: Record<string, string> = {}) =>
      mapped(hireOf({ firstName: 'Liz', customAttributes }), { 'root.firstName': rule }).candidate.firstNames
    const legal = { 'Legal first name': 'Elizabeth' }
    expect(named(['application.custom["Legal first name"]', 'default'], legal)).toEqual(['Liz', 'Elizabeth'])
    expect(named(['application.custom["Legal first name"]', 'default'])).toEqual(['Liz'])
    expect(named({ constant: 'Elizabeth' })).toEqual(['Liz'])
    expect(named({ template: '{job.title}' })).toEqual(['Liz'])
  })

  it('parks with the missing address of the hire and with all else at once', () => {
    const login = { 'root.email': { constant: 'ada@acme.example' } }
    const targetsOf = (changes: Partial<HiredApplication>, written: object) => {
      try {
        return mapped(hireOf({ email: undefined, ...changes }), written)
      } catch (error) {
        return (error as NeedsPerson).details['targets'] ?? (error as NeedsPerson).code
      }
    }
    expect(targetsOf({ offers: [] }, login)).toEqual(['work.startDate', 'home.privateEmail'])
    expect(targetsOf({ offers: [] }, {})).toEqual(['root.email', 'work.startDate'])
    expect(targetsOf({}, login)).toBe('hibob.hire_incomplete')
  })

  it('replaces no value that every hire has by a field within it', () => {
    const { hire, more, ...rest } = mapped(hireOf(), {
      'work.site.name': 'job.title',
      'root.email.x': 'job.title',
    })
    expect(employeeJson({ ...hire, ...rest, more: jsonValues(more) })).toMatchObject({
      email: 'ada@example.com',
      work: { site: 'Springfield' },
    })
  })

  it('parks with all that is missing, and no personal value', () => {
    const application = hireOf({ offers: [], email: 'not an address', lastName: undefined })
    const parked = () =>
      mapped(application, {
        'work.department': { from: 'job.division', otherwise: 'park' },
        'home.mobilePhone': 'candidate.phone',
      })
    expect(parked).toThrow(NeedsPerson)
    try {
      parked()
    } catch (error) {
      const { message, details } = error as NeedsPerson
      expect(details['targets']).toEqual(['root.surname', 'work.startDate', 'work.department', 'root.email'])
      expect(message).not.toContain('not an address')
    }
  })
})
