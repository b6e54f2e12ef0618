/** Phone numbers as E.164 and countries in the form that a destination wants: by a rule that leaves no choice, and never made up. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { evaluate } from '../../src/mapping/evaluate.ts'
import { countryCode, countryNamed } from '../../src/mapping/filters/country.ts'
import { toE164 } from '../../src/mapping/filters/phone.ts'
import { readMapping } from '../../src/mapping/mapping.ts'
import type { HiredApplication } from '../../src/sdk/index.ts'
import { hireOf } from '../integrations/a-hire.ts'

function mapped(written: object | string, changes: Partial<HiredApplication>): string {
  const mapping = readMapping({ field: written })
  if (!mapping.ok) throw new Error(JSON.stringify(mapping.faults))
  const { values, gaps } = evaluate(mapping.mapping, { application: hireOf(changes) })
  return values[0]?.value ?? gaps[0]?.reason ?? ''
}
const unclear = 'is not a phone number whose international form is certain.'

describe('A phone number', () => {
  it('of a country goes as E.164, with the country that Pinpoint gives (case 39)', () => {
    const at = (phone: string, phoneCountry?: string) =>
      mapped('candidate.phone|phone', { phone, ...(phoneCountry !== undefined && { phoneCountry }) })
    expect(at('07700 900123', 'GB')).toBe('+447700900123')
    expect(at('+44 7700 900123')).toBe('+447700900123')
    expect(at('+44 7700 900123', 'US')).toBe('+447700900123')
    expect(at('07700 900123')).toBe(`The value of candidate.phone ${unclear}`)
  })

  it('goes with the country of the mapping where Pinpoint gives none, and of no other source', () => {
    const phone = '07700 900123'
    expect(mapped('candidate.phone|phone(GB)', { phone })).toBe('+447700900123')
    expect(mapped('candidate.phone|phone(FR)', { phone, phoneCountry: 'GB' })).toBe('+447700900123')
    const customAttributes = { Emergency: phone }
    const emergency = 'application.custom["Emergency"]|phone'
    expect(mapped(emergency, { customAttributes, phoneCountry: 'GB' })).toContain(unclear)
    expect(mapped(`${emergency}(GB)`, { customAttributes })).toBe('+447700900123')
  })

  it('that is left over goes as it is written only where the mapping says so', () => {
    const rule = { from: 'candidate.phone|phone', otherwise: { template: '{candidate.phone}' } }
    expect(mapped(rule, { phone: 'ext. 12' })).toBe('ext. 12')
  })

  it.each([
    ['+44 (0)7700 900123', undefined, '+447700900123'],
    ['0044 7700-900123', 'GB', '+447700900123'],
    ['07797 712345', 'JE', '+447797712345'],
    ['(708) 555-0100', 'US', '+17085550100'],
    ['1 708 555 0100', 'us', '+17085550100'],
    ['06 12 34 56 78', 'FR', '+33612345678'],
    ['612 345 678', 'ES', '+34612345678'],
    ['06 1234 5678', 'IT', '+390612345678'],
    ['0171/1234567', 'DE', '+491711234567'],
    ['+7 912 345 67 89', undefined, '+79123456789'],
    ['8 912 345 67 89', 'RU', '+79123456789'],
    ['098765 43210', 'IN', '+919876543210'],
    ['(11) 96123-4567', 'BR', '+5511961234567'],
    ['0721 234 567', 'RO', '+40721234567'],
    // Without the zero of the country, and with one too many.
    ['7700 900123', 'GB', '+447700900123'],
    ['+4407700900123', undefined, '+447700900123'],
    ['011 44 7700900123', 'US', '+447700900123'],
  ])('%s from %s', (text, country, wanted) => {
    expect(toE164(text, country)).toBe(wanted)
  })

  it.each([
    ['0044 7700 900123', 'US'],
    ['+1 555', undefined],
    ['555-0100', 'US'],
    ['07700 900123 ext. 4', 'GB'],
    ['07700 900123 / 07700 900124', 'GB'],
    ['+', 'GB'],
    ['', 'GB'],
  ])('%s from %s is not guessed', (text, country) => {
    expect(toE164(text, country)).toBeUndefined()
  })

  it('has an international form of its own digits or none, whatever is written', () => {
    const country = fc.constantFrom(undefined, 'GB', 'US', 'DE', 'IT', 'RU', 'xx')
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[+0-9 ().\-/]{0,20}$/))
    fc.assert(
      fc.property(text, country, (written, of) => {
        const made = toE164(written, of)
        if (made === undefined) return
        expect(made).toMatch(/^\+[1-9]\d{6,14}$/)
        expect(toE164(made, of)).toBe(made)
        expect(written.replace(/\D/g, '')).toContain(made.slice(-6))
      }),
    )
  })
})

describe('A country', () => {
  const living = (country: string) => ({
    address: {
      ...{ line1: undefined, line2: undefined, town: undefined, postcode: undefined },
      ...{ state: undefined, countryCode: undefined, country },
    },
  })
  it('has two letters, whichever way it is written (case 40)', () => {
    const code = (name: string) => mapped('candidate.address.country|countryCode', living(name))
    expect(['Jersey', ' jersey ', 'je', 'USA', 'Czech Republic', 'Cote d’Ivoire'].map(code)).toEqual([
      ...['JE', 'JE', 'JE', 'US', 'CZ', 'CI'],
    ])
    expect(code('Atlantis')).toBe('The value of candidate.address.country is not the name of a country.')
  })

  it('has a name where it is two letters; a name stays as it is (case 40)', () => {
    const named = (name: string) => mapped('candidate.address.country|countryName', living(name))
    expect(['GB', 'je', 'Jersey', 'Atlantis'].map(named)).toEqual([
      ...['United Kingdom', 'Jersey', 'Jersey', 'Atlantis'],
    ])
    expect(named('ZZ')).toContain('is not the two letters of a country.')
  })

  it('comes back from its two letters, and what is no country has none', () => {
    for (const code of ['GB', 'JE', 'GG', 'IM', 'US', 'DE', 'CI', 'TR', 'HK', 'XX', 'EU', 'UK', 'SU']) {
      const name = countryNamed(code)
      if (name !== undefined) expect(countryCode(name)).toBe(code)
    }
    expect(['XX', 'EU', 'UK', 'SU', 'ZZ', 'XK'].map(countryNamed)).toEqual(Array(6).fill(undefined))
  })
})

it.each([
  ['candidate.phone|phone(44)', 'phone takes no number'],
  ['candidate.phone|phone(XX)', 'phone takes the two letters of a country: phone(GB)'],
  ['candidate.phone|lower(GB)', 'lower takes no country'],
  ['job.title|plusDays(GB)', 'plusDays takes a number of days from 0 to 9999: plusDays(14)'],
])('`apply` refuses %s', (source, problem) => {
  expect(readMapping({ field: source })).toEqual({ ok: false, faults: [{ path: 'field', problem }] })
})
