/** What a mapping makes of a hire. Numbers are those of the cases that every destination has to get right. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { evaluate } from '../../src/mapping/evaluate.ts'
import { detailsOf, type Mapping, readMapping } from '../../src/mapping/mapping.ts'
import type { HiredApplication } from '../../src/sdk/index.ts'
import { hireOf, offerOf } from '../integrations/a-hire.ts'

function mappingOf(written: unknown): Mapping {
  const read = readMapping(written)
  if (!read.ok) throw new Error(JSON.stringify(read.faults))
  return read.mapping
}

const triggeredAt = new Date('2026-11-24T23:30:00Z')

function mapped(rule: unknown, hire: Partial<HiredApplication> = {}, timeZone?: string) {
  const { values, gaps } = evaluate(
    mappingOf({ target: rule }),
    { application: hireOf(hire), triggeredAt },
    { timeZone },
  )
  return values[0]?.value ?? gaps[0]?.reason
}

const startDate = ['offer.startOn', 'application.startOn', 'onboarding.startAt']
const workEmail = {
  template: '{candidate.firstName|ascii|lower}.{candidate.lastName|ascii|lower}@acme.example',
}

describe('A template instead', () => {
  const rule = { from: 'application.custom["Work e-mail"]', otherwise: workEmail }
  it('makes the value where the sources have none, and only there', () => {
    expect(mapped(rule)).toBe('ada.example@acme.example')
    expect(mapped(rule, { customAttributes: { 'Work e-mail': 'ada2@acme.example' } })).toBe(
      'ada2@acme.example',
    )
    expect(mapped(rule, { lastName: undefined })).toBe('Pinpoint has no value of candidate.lastName.')
  })
  it('is asked for at Pinpoint, too', () => {
    const needy = { from: 'job.title', otherwise: { template: '{job.division}' } }
    expect(detailsOf(mappingOf({ target: needy }))).toEqual(['division'])
  })
})

describe('The start date', () => {
  it('is that of the application where no offer was accepted (case 2)', () => {
    expect(mapped(startDate, { offers: [], startOn: '2027-02-01' })).toBe('2027-02-01')
  })
  it('is that of the onboarding in its own offset where there is no other (case 3)', () => {
    const onboarding = { startAt: '2027-02-01T00:30:00+05:00', answers: {} }
    expect(mapped('onboarding.startAt|plusDays(0)', { onboarding })).toBe('2027-02-01')
  })
  it('is nobody’s guess, even where the day of the hire is known (cases 4, 9)', () => {
    const hire = { offers: [], hiredAt: '2026-11-24T10:00:00Z' }
    expect(mapped(startDate, hire)).toBe(
      'Pinpoint has no value of offer.startOn, application.startOn, onboarding.startAt.',
    )
  })
  it('counts days from the hire in the time zone of the tenant, when told to', () => {
    const hire = { hiredAt: '2026-11-24T23:30:00Z' }
    expect(mapped('application.hiredAt|plusDays(14)', hire)).toBe('2026-12-08')
    expect(mapped('application.hiredAt|plusDays(14)', hire, 'Europe/Berlin')).toBe('2026-12-09')
    expect(mapped('event.at|plusDays(0)', {}, 'Pacific/Kiritimati')).toBe('2026-11-25')
  })
  it.each([
    ['2027-01-02', '2027-01-04'],
    ['2027-01-03', '2027-01-04'],
    ['2027-01-04', '2027-01-04'],
    ['2028-02-26', '2028-02-28'],
  ])('moves from a weekend to Monday: %s', (startOn, day) => {
    expect(mapped('offer.startOn|nextWorkingDay', { offers: [offerOf({ startOn })] })).toBe(day)
  })
  it.each([['2027-02-29'], ['soon'], ['2027-13-01']])(
    'says when there is no such day: %s (case 7)',
    (startOn) => {
      expect(mapped('offer.startOn|plusDays(1)', { offers: [offerOf({ startOn })] })).toBe(
        'The value of offer.startOn is not a day that exists.',
      )
    },
  )
})

describe('A work e-mail by template', () => {
  it.each([
    ['Łukasz', 'Żółć-Öberg', 'lukasz.zolc-oberg@acme.example'],
    ['Zoë', 'Þórsson', 'zoe.thorsson@acme.example'],
    ['Nguyễn', 'Đặng', 'nguyen.dang@acme.example'],
    ['Zoë'.normalize('NFD'), 'Straße', 'zoe.strasse@acme.example'],
    ['Ada', 'O’Neill', "ada.o'neill@acme.example"],
  ])('%s %s (case 23)', (firstName, lastName, email) => {
    expect(mapped(workEmail, { firstName, lastName })).toBe(email)
  })
  it.each([['李'], ['عمر'], ['Иван'], ['Ada 🎉'], ['ক']])(
    'parks rather than lose a letter: %s (case 37)',
    (firstName) => {
      expect(mapped(workEmail, { firstName })).toBe(
        'The value of candidate.firstName has letters that have no Latin form.',
      )
    },
  )
  it('of somebody without a last name has no value, and nothing is made up (case 38)', () => {
    expect(mapped(workEmail, { lastName: undefined })).toBe('Pinpoint has no value of candidate.lastName.')
  })
  it.each([
    ['{candidate.lastName|slug}', 'van der Berg', 'van-der-berg'],
    ['{candidate.lastName|initial|lower}', 'Öberg', 'ö'],
    ['{candidate.lastName|upper}', 'straße', 'STRASSE'],
  ])('%s of %s', (template, lastName, value) => expect(mapped({ template }, { lastName })).toBe(value))
  it('has none where nothing is left of a name', () => {
    expect(mapped('candidate.lastName|slug', { lastName: "'" })).toBe(
      'Nothing is left of the value of candidate.lastName.',
    )
  })
  it('is never made up without an e-mail (case 22)', () => {
    expect(mapped('candidate.email', { email: undefined })).toBe('Pinpoint has no value of candidate.email.')
  })
})

describe('A value', () => {
  it.each([
    ['Zoë'],
    ['Þórunn'],
    ['Nguyễn Thị Ánh'],
    ['李 明'],
    ['عمر'],
    ['O’Neill'],
    ["D'Arcy-Wu"],
    ['van der Berg'],
    ['Q'],
    ['x'.repeat(120)],
    ['Ada 🎉'],
    ['=HYPERLINK("x")'],
    ['<!channel>'],
  ])('is passed on as it is, in NFC: %s (cases 37, 42)', (lastName) => {
    expect(mapped('candidate.lastName', { lastName })).toBe(lastName.normalize('NFC'))
    expect(mapped('candidate.lastName', { lastName: lastName.normalize('NFD') })).toBe(
      lastName.normalize('NFC'),
    )
  })
  it('an e-mail keeps its case, tag and apostrophe, and loses the spaces around it (case 21)', () => {
    expect(mapped('candidate.email', { email: ' Ada+jobs@Example.COM ' })).toBe('Ada+jobs@Example.COM')
    expect(mapped('candidate.email', { email: "o'brien@bücher.example" })).toBe("o'brien@bücher.example")
  })
  it('a phone number passes unchanged (case 39)', () => {
    expect(mapped('candidate.phone', { phone: '+44 7700 900123' })).toBe('+44 7700 900123')
  })
  it('a country may be translated, and an unknown one left out (case 40)', () => {
    const rule = { from: 'candidate.address.country', values: { Jersey: 'JE' }, otherwise: 'leave-out' }
    const address = { line1: undefined, line2: undefined, town: undefined, postcode: undefined }
    const at = (country: string) => ({
      address: { ...address, state: undefined, countryCode: undefined, country },
    })
    expect(mapped(rule, at('jersey '))).toBe('JE')
    expect(mapped(rule, at('Atlantis'))).toBe(
      'The values of the mapping do not have the value of candidate.address.country.',
    )
  })
  it('a field that was added by the customer counts only when it is mapped (case 41)', () => {
    const customAttributes = { 'T-shirt size': 'M', Diet: 'Vegan' }
    expect(mapped('application.custom["T-shirt size"]', { customAttributes })).toBe('M')
    expect(mapped('application.custom["Badge"]', { customAttributes })).toContain('no value')
  })
})

describe('A rule', () => {
  const department = { from: 'job.department', values: { Engineering: 'Eng' } }
  it('says which source gave the value, and how', () => {
    const mapping = mappingOf({
      title: ['offer.jobTitle', 'job.title'],
      department,
      unit: { from: 'job.department', values: { Sales: 'S' } },
      kind: { constant: 7 },
      other: { from: 'offer.jobTitle', otherwise: { value: 'None' } },
      boss: { from: 'job.hiringManager.email', find: 'employee', otherwise: 'park' },
    })
    const { values, gaps } = evaluate(mapping, { application: hireOf() })
    expect(values.map(({ target, value, source, rule }) => [target, value, source, rule])).toEqual([
      ['title', 'Engineer', 'job.title', 'source'],
      ['department', 'Eng', 'job.department', 'values'],
      ['unit', 'Engineering', 'job.department', 'source'],
      ['kind', '7', undefined, 'constant'],
      ['other', 'None', undefined, 'otherwise'],
    ])
    expect(gaps).toMatchObject([{ target: 'boss', code: 'no_value', parks: true }])
  })

  it('takes the default of the integration where nothing is mapped, and where it is named', () => {
    const defaults = mappingOf({ site: 'job.location', title: 'job.title' })
    const mapping = mappingOf({ title: ['application.custom["Title"]', 'default'], kind: 'default' })
    const { values, gaps } = evaluate(mapping, { application: hireOf() }, { defaults })
    expect(values.map(({ target, value }) => [target, value])).toEqual([
      ['site', 'Springfield'],
      ['title', 'Engineer'],
    ])
    expect(gaps).toMatchObject([{ target: 'kind' }])
  })

  it('tells a value of the organisation, and no personal one', () => {
    const values = { Nothing: 'x' }
    expect(mapped({ from: 'job.department', values, otherwise: 'park' })).toContain('"Engineering"')
    expect(mapped({ from: 'candidate.phone', values, otherwise: 'park' }, { phone: '0700' })).not.toContain(
      '0700',
    )
  })
})

describe('Letters', () => {
  it('ascii gives ASCII with a letter for each letter, or nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (lastName) => {
        const result = mapped('candidate.lastName|ascii', { lastName })
        if (result === undefined || /^(Pinpoint has|The value of|Nothing is left)/.test(result)) return
        expect(result).toMatch(/^[\x20-\x7e]+$/)
        expect(result.length).toBeGreaterThanOrEqual(lastName.normalize('NFC').match(/\p{L}/gu)?.length ?? 0)
      }),
      { numRuns: 300 },
    )
  })
})
