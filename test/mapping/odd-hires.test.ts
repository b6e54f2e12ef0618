/** What Pinpoint may say of a hire, of whatever type and spelling, and what a mapping makes of it: the value, or none, and never a third thing. */
import { describe, expect, it } from 'vitest'

import { checkValues } from '../../src/mapping/check.ts'
import { evaluate } from '../../src/mapping/evaluate.ts'
import { readMapping } from '../../src/mapping/mapping.ts'
import { readApplication } from '../../src/pinpoint/read-application.ts'
import type { Choice, Target } from '../../src/sdk/index.ts'

type Field = readonly [name: unknown, value: unknown]

function application(fields: readonly Field[], attributes: object = {}, offers: readonly object[] = []) {
  const custom = fields.map(([field_name, value], at) => ({
    ...{ id: `1${at}`, type: 'custom_attributes', attributes: { field_name, value } },
  }))
  const made = offers.map((one, at) => ({ id: `2${at}`, type: 'offers', attributes: one }))
  const data = (all: readonly { id: string; type: string }[]) => ({
    data: all.map(({ id, type }) => ({ id, type })),
  })
  return readApplication({
    data: {
      ...{ id: '9000001', type: 'applications', attributes },
      relationships: { custom_attributes: data(custom), offers: data(made) },
    },
    included: [...custom, ...made],
  })
}

type Given = Parameters<typeof application>

function evaluated(mapping: object, given: Given, timeZone?: string) {
  const read = readMapping(mapping)
  if (!read.ok) throw new Error(JSON.stringify(read.faults))
  return evaluate(read.mapping, { application: application(...given) }, { timeZone })
}
const mapped = (target: unknown, ...given: Given) => evaluated({ target }, given).values[0]?.value

/** As the destination would take it. Undefined: not at all, which names no value. */
function taken(type: Target['type'], value: unknown, more: Partial<Target> = {}) {
  const usual = { id: 'target', title: 'Target', group: 'Work', required: true, writable: true }
  const target: Target = { ...usual, type, ...more }
  const mapping = { [target.id]: 'application.custom["x"]' }
  const { values, gaps } = checkValues(evaluated(mapping, [[['x', value]]]), [target])
  const told = JSON.stringify(gaps.map(({ reason, near, key, best }) => [reason, near, key, best]))
  if (typeof value === 'string' && value.length > 1) expect(told).not.toContain(value)
  expect(values.length + gaps.length).toBe(1)
  expect(gaps.every(({ parks }) => parks)).toBe(true)
  const [ready] = values
  return ready?.choices?.map(({ name }) => name) ?? ready?.value
}

describe('A field of the customer, of any type,', () => {
  it.each<readonly [unknown, string | undefined]>([
    [7, '7'],
    [0, '0'],
    [false, 'false'],
    ['0042', '0042'],
    [['M', null, '', 'L'], 'M, L'],
    [[true, 1.5], 'true, 1.5'],
    [[['M'], { a: 1 }], '["M"], {"a":1}'],
    [[], undefined],
    [[null], undefined],
    [{}, undefined],
    ['', undefined],
    [' \u00a0\u3000\u200b ', undefined],
    // What the parser has made of 12345678901234567890: another number.
    [12345678901234567000, undefined],
    [1e300, undefined],
    ['12345678901234567890', '12345678901234567890'],
    ['\u202eM\u0000\u200b', 'M'],
    ['New\u00a0York  City', 'New York City'],
    ['one\r\ntwo', 'one\r\ntwo'],
    ['<b>M</b> @all {candidate.email}', '<b>M</b> @all {candidate.email}'],
    ['x'.repeat(10_000), undefined],
  ])('is passed on, or counts as none: %j', (value, wanted) => {
    expect(mapped('application.custom["x"]', [['x', value]])).toBe(wanted)
  })

  it.each(['__proto__', 'constructor', 'toString', 'a.b|c', 'x]["y', '{x}', '$&', '12', 'Größe 👕'])(
    'is called whatever it is called: %s',
    (name) => {
      const source = `application.custom[${JSON.stringify(name)}]`
      expect(mapped(source, [[name, 'M']])).toBe('M')
      expect(mapped({ template: `{${source}|lower}` }, [[name, 'M']])).toBe('m')
      expect(mapped(source, [['other', 'M']])).toBeUndefined()
    },
  )

  it('is meant by a name that looks the same to people', () => {
    const source = 'application.custom["T-shirt\u00a0 Size\u200b"]'
    expect(mapped(source, [['t-shirt size', 'M']])).toBe('M')
  })

  it('of which several have the name has all their values, once', () => {
    const twice = [
      ['Size', 'M'],
      ['Size', 'L'],
      ['Size', 'M'],
      ['Size', null],
    ] as const
    expect(mapped('application.custom["Size"]', twice)).toBe('M, L')
  })

  it('is not guessed among several that are spelled alike', () => {
    const alike = [
      ['size', 'M'],
      ['SIZE', 'L'],
    ] as const
    expect(mapped('application.custom["SIZE"]', alike)).toBe('L')
    expect(mapped('application.custom["Size"]', alike)).toBeUndefined()
  })
})

describe('What a destination takes', () => {
  it.each<readonly [Target['type'], unknown, string | undefined]>([
    ['number', '1,234.56', undefined],
    ['number', '1.234,56', undefined],
    ['number', '€ 50.000', undefined],
    ['number', '50\u00a0000', undefined],
    ['number', '1e3', undefined],
    ['number', '٣', undefined],
    ['number', 'NaN', undefined],
    ['number', '-7.50', '-7.50'],
    ['money', 50000, '50000'],
    ['boolean', 'ja', undefined],
    ['boolean', 'YES', 'true'],
    ['boolean', 0, 'false'],
    ['boolean', [true], 'true'],
    ['date', '04/01/2027', undefined],
    ['date', '2026-02-30', undefined],
    ['date', '0026-01-05', undefined],
    ['date', '2027-1-4', undefined],
    ['date', 1798761600, undefined],
    ['date', 'tbc', undefined],
    ['date', '2027-01-04 23:59:59 UTC', '2027-01-04'],
    ['date', '2027-01-04T00:30:00+14:00', '2027-01-04'],
  ])('as a %s of %j', (type, value, wanted) => expect(taken(type, value)).toBe(wanted))

  it.each([
    'Ada <ada@example.com>',
    'mailto:ada@example.com',
    'ada@example.com;',
    'ada@example.com, bob@example.com',
    'ada@example',
    'ada@@example.com',
    '(ada)@example.com',
  ])('as an e-mail address is none of %s', (value) => {
    expect(taken('text', value, { id: 'root.email' })).toBeUndefined()
  })

  const item = (name: string): Choice => ({ id: undefined, name, archived: false, children: [] })
  const choices = ['Maroon', 'Blue', 'Black and White', 'Black', 'White'].map(item)
  it.each<readonly [unknown, readonly string[] | undefined]>([
    ['Maroon, Blue, and Black', ['Maroon', 'Blue', 'Black']],
    ['Maroon, Blue and Black', ['Maroon', 'Blue', 'Black']],
    ['Maroon and Blue', ['Maroon', 'Blue']],
    ['Black and White', ['Black and White']],
    ['Blue and Black and White', ['Blue', 'Black and White']],
    ['Maroon, and Black and White', ['Maroon', 'Black and White']],
    [
      ['Maroon', 'Blue'],
      ['Maroon', 'Blue'],
    ],
    ['Maroon and Green', undefined],
    ['and', undefined],
  ])('as several items of %j, which Pinpoint may write as a sentence', (value, wanted) => {
    expect(taken('choice', value, { multiple: true, choices })).toEqual(wanted)
  })

  it('as an item whose name looks the same to people', () => {
    const choices = [item('New York\u00a0– HQ'), item('Leeds')]
    expect(taken('choice', 'new york – HQ', { choices })).toBe('new york – HQ')
  })
})

describe('A moment near midnight', () => {
  const day = (hired_at: string, zone?: string) =>
    evaluated({ target: 'application.hiredAt|plusDays(0)' }, [[], { hired_at }], zone).values[0]?.value
  it.each([
    ['2026-03-28T23:30:00Z', 'Europe/Berlin', '2026-03-29'],
    ['2026-03-28 23:30:00 UTC', 'Europe/Berlin', '2026-03-29'],
    ['2026-03-28 23:30:00 +0000', 'Europe/Berlin', '2026-03-29'],
    ['2026-03-29T00:30:00+01:00', 'America/Los_Angeles', '2026-03-28'],
    ['2026-03-29T00:30:00+01:00', undefined, '2026-03-29'],
    ['2026-03-29T00:30:00', 'America/Los_Angeles', '2026-03-29'],
    ['1798761600', 'Europe/Berlin', undefined],
  ])('%s in %s', (hiredAt, zone, wanted) => expect(day(hiredAt, zone)).toBe(wanted))
})

describe('Of several offers', () => {
  const startOn = (...offers: readonly object[]) => mapped('offer.startOn', [], {}, offers)
  const offer = (given: object) => ({ result: 'accepted', start_on: '2027-01-04', ...given })
  it('one that was accepted and then retracted is none', () => {
    expect(startOn(offer({ result: 'retracted', result_at: '2026-11-03T10:00:00Z' }))).toBeUndefined()
    expect(
      startOn(
        offer({ result: 'retracted', start_on: '2027-02-01', result_at: '2026-11-03T10:00:00Z' }),
        offer({ result: ' Accepted ', result_at: '2026-11-01T10:00:00Z' }),
      ),
    ).toBe('2027-01-04')
  })
  it('one without a time was accepted before all others', () => {
    expect(
      startOn(
        offer({ start_on: '2027-02-01', result_at: null }),
        offer({ start_on: '2027-01-04', result_at: '2026-11-01T10:00:00Z' }),
        offer({ start_on: '2027-03-01', result_at: 'soon' }),
      ),
    ).toBe('2027-01-04')
  })
})

describe('A login by template', () => {
  const rule = { template: '{candidate.firstName|slug}.{candidate.lastName|slug}@acme.example' }
  const login = (first_name: unknown, last_name: unknown) => mapped(rule, [], { first_name, last_name })
  it('is the same for those whose names differ in accents only, so that the namesake is met', () => {
    expect(login('Zoë', 'Müller')).toBe(login('Zoe', 'Muller'))
    expect(login('Zoe', 'Mueller')).not.toBe(login('Zoe', 'Müller'))
  })
  it.each([
    ['李', '明'],
    ['Иван', 'Ivanov'],
    ['Ada', '…'],
    ['🎉', 'Example'],
    ['Ada', ' '],
    ['Ada', ['Example']],
    [true, 'Example'],
  ])('has no empty part: %j %j', (first, last) => expect(login(first, last)).toBeUndefined())
})

it('A filter makes no value longer than the longest', () => {
  expect(mapped('application.custom["x"]|upper', [['x', 'ß'.repeat(1500)]])).toBeUndefined()
})

it('A link or an address that would have to be cut is none', () => {
  const long = `https://example.com/${'x'.repeat(3000)}`
  expect(mapped('candidate.linkedinUrl', [], { linkedin_url: long })).toBeUndefined()
})

describe('A table of values', () => {
  const rule = (values: object) => ({ from: 'application.custom["x"]', values })
  const x = (value: string): Given => [[['x', value]]]
  it('knows a value again that looks the same to people', () => {
    expect(mapped(rule({ 'New\u00a0York  \u200b': 'NYC' }), ...x('new york'))).toBe('NYC')
    expect(mapped(rule({ ['Zürich'.normalize('NFD')]: 'ZRH' }), ...x('ZÜRICH'))).toBe('ZRH')
  })
  it('takes the exact entry, and guesses none among several that look the same', () => {
    const values = { hr: 'A', HR: 'B' }
    expect(mapped(rule(values), ...x('HR'))).toBe('B')
    expect(mapped(rule(values), ...x('Hr'))).toBe('Hr')
    expect(mapped({ ...rule(values), otherwise: 'leave-out' }, ...x('Hr'))).toBeUndefined()
    expect(mapped(rule({ hr: 'A', HR: 'A' }), ...x('Hr'))).toBe('A')
  })
  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'has no entry of its own: %s',
    (value) => {
      expect(mapped(rule({ Sales: 'S' }), ...x(value))).toBe(value)
    },
  )
})

describe('Somebody who is found by their e-mail', () => {
  const person = (otherwise: unknown, given: Given = [[]]) => {
    const target = { from: 'offer.manager.email', find: 'employee', otherwise }
    const { values } = evaluated({ target }, given)
    return [values[0]?.value, values[0]?.find]
  }
  it('is found by the address that stands for it, too, and an id is one', () => {
    expect(person({ value: 'lead@example.com' })).toEqual(['lead@example.com', 'employee'])
    expect(person({ value: '3397352260643062621' })).toEqual(['3397352260643062621', undefined])
    const byField = { template: '{application.custom["Lead"]}' }
    expect(person(byField, [[['Lead', 'lead@example.com']]])).toEqual(['lead@example.com', 'employee'])
  })
})
