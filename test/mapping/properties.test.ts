/** Whatever the hire, the mapping and the destination: nothing throws, nothing is made up, and the same goes in and out. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { applyMapping } from '../../src/mapping/against.ts'
import { evaluate } from '../../src/mapping/evaluate.ts'
import { parseTemplate } from '../../src/mapping/expression.ts'
import { filterNames } from '../../src/mapping/filters.ts'
import { expressionsOf, type Mapping, readMapping } from '../../src/mapping/mapping.ts'
import { sameText, tidy } from '../../src/mapping/same-text.ts'
import { sourceNamed, sources } from '../../src/mapping/sources.ts'
import type { Choice, HiredApplication, Target } from '../../src/sdk/index.ts'
import { hireOf } from '../integrations/a-hire.ts'

function mappingOf(written: unknown): Mapping {
  const read = readMapping(written)
  if (!read.ok) throw new Error(JSON.stringify(read.faults))
  return read.mapping
}

const triggeredAt = new Date('2026-11-24T23:30:00Z')
const timeZone = fc.constantFrom(undefined, 'Europe/Berlin', 'Pacific/Kiritimati', 'America/Adak')

const known = fc.constantFrom('London', 'Sales')
const text = fc.oneof(
  known,
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  // Short words and numbers, of which something could be made that nobody has said.
  fc.stringMatching(/^[a-z]{0,5} ?[0-9]{1,5}$/),
  fc.constantFrom(
    '2027-01-04',
    '2027-02-29T10:00:00Z',
    '9999-12-31',
    '2027-01-04T23:30:00',
    '{candidate.email}',
  ),
)
const optional = fc.option(text, { nil: undefined })
const person = fc.record({
  ...{ firstName: optional, lastName: optional, preferredName: optional, email: optional, phone: optional },
  ...{ startOn: optional, hiredAt: optional, linkedinUrl: optional },
  job: fc.option(
    fc.record({
      ...{ id: fc.constant('7'), title: fc.string(), visibility: fc.constant('external') },
      ...{ location: optional, department: optional, division: optional },
    }),
    { nil: undefined },
  ),
  offers: fc.array(
    fc.record({
      id: fc.constant('5'),
      result: fc.constant('accepted'),
      startOn: optional,
      jobTitle: optional,
    }),
    { maxLength: 2 },
  ),
  customAttributes: fc.dictionary(fc.constantFrom('Size', '__proto__', 'x'), text),
  jobRefused: fc.constantFrom(undefined, undefined, 403),
})
const hire = person.map((given) => hireOf(given as object))

const sourceId = fc.constantFrom(
  ...sources.map(({ id }) => id),
  'application.custom["Size"]',
  'application.custom["__proto__"]',
)
const withFilters = (names: readonly string[]) =>
  fc
    .record({ source: sourceId, filters: fc.array(fc.constantFrom(...names), { maxLength: 8 }) })
    .map(({ source, filters }) => [source, ...filters].join('|'))
const expression = withFilters(filterNames.map((name) => (name === 'plusDays' ? 'plusDays(9999)' : name)))
const template = fc
  .array(expression, { minLength: 1, maxLength: 3 })
  .map((all) => ({ template: all.map((one) => `{${one}}`).join('.') }))
const otherwise = fc.constantFrom<unknown>('park', 'leave-out')
const rule: fc.Arbitrary<unknown> = fc.oneof(
  fc.array(expression, { minLength: 1, maxLength: 3 }),
  template,
  fc.record({ from: expression, values: fc.dictionary(fc.string(), fc.constant('x')) }),
  fc.record({ from: expression, values: fc.dictionary(fc.string(), fc.constant('x')), otherwise }),
)

describe('A mapping of any hire', () => {
  it('never throws, gives the same again, and stays short', () => {
    fc.assert(
      fc.property(hire, rule, timeZone, (application, given, zone) => {
        const mapping = mappingOf({ target: given })
        const first = evaluate(mapping, { application, triggeredAt }, { timeZone: zone })
        expect(evaluate(mapping, { application, triggeredAt }, { timeZone: zone })).toEqual(first)
        expect(first.values.length + first.gaps.length).toBe(1)
        for (const { value } of first.values) {
          expect(value).not.toBe('')
          expect(value.length).toBeLessThanOrEqual(2000)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('says what its sources say, whatever else there is of the hire, and nothing where they say nothing', () => {
    let said = 0
    fc.assert(
      fc.property(hire, hire, rule, (one, other, given) => {
        const mapping = mappingOf({ target: given })
        const read = (application: HiredApplication) =>
          expressionsOf(mapping.get('target')!).map(({ source }) =>
            tidy(sourceNamed(source)?.read({ application, triggeredAt })),
          )
        const [a, b] = [one, other].map((application) => evaluate(mapping, { application, triggeredAt }))
        const ofOne = read(one)
        if (ofOne.every((value) => value === undefined)) expect(a?.values).toEqual([])
        if (JSON.stringify([ofOne, one.jobRefused]) !== JSON.stringify([read(other), other.jobRefused]))
          return
        if (a?.values.length === 1) said++
        expect(b).toEqual(a)
      }),
      { numRuns: 2000 },
    )
    expect(said).toBeGreaterThan(0)
  })

  it('without filters passes on what the source says, letter by letter', () => {
    fc.assert(
      fc.property(hire, sourceId, (application, source) => {
        const { values } = evaluate(mappingOf({ target: source }), { application, triggeredAt })
        const said = tidy(sourceNamed(source)?.read({ application, triggeredAt }))
        expect(values[0]?.value).toBe(said !== undefined && said.length > 2000 ? undefined : said)
      }),
      { numRuns: 500 },
    )
  })

  it('makes a day of a day only, and one that exists', () => {
    fc.assert(
      fc.property(
        text,
        fc.constantFrom('plusDays(0)', 'plusDays(9999)', 'nextWorkingDay'),
        timeZone,
        (size, filter, zone) => {
          const application = hireOf({ customAttributes: { Size: size } })
          const mapping = mappingOf({ target: `application.custom["Size"]|${filter}` })
          const [made] = evaluate(mapping, { application }, { timeZone: zone }).values
          if (made === undefined) return
          expect(size.trim()).toMatch(/^\d{4}-\d{2}-\d{2}/)
          expect(new Date(`${made.value}T00:00:00Z`).toISOString().slice(0, 10)).toBe(made.value)
          expect(made.value).toMatch(/^\d{4}-\d{2}-\d{2}$/)
          if (filter === 'plusDays(0)' && zone === undefined)
            expect(size.trim().slice(0, 10)).toBe(made.value)
        },
      ),
      { numRuns: 2000 },
    )
  })
})

describe('A day', () => {
  it.each([['Room 5'], ['1 2'], ['x 2027'], ['May 5, 2027']])(
    'is not made of %j, in no time zone',
    (Size) => {
      const mapping = mappingOf({ target: 'application.custom["Size"]|plusDays(0)' })
      const application = hireOf({ customAttributes: { Size } })
      expect(evaluate(mapping, { application }, { timeZone: 'Europe/Berlin' }).values).toEqual([])
    },
  )

  it('of a time without an offset is the day that is written, wherever this runs', () => {
    const mapping = mappingOf({ target: 'application.startOn|plusDays(0)' })
    const application = hireOf({ startOn: '2027-01-04T00:30:00' })
    const { values } = evaluate(mapping, { application }, { timeZone: 'America/Adak' })
    expect(values).toMatchObject([{ value: '2027-01-04' }])
  })

  it('beyond the year 9999 is none', () => {
    const mapping = mappingOf({ target: 'application.startOn|plusDays(1)' })
    const application = hireOf({ startOn: '9999-12-31' })
    expect(evaluate(mapping, { application }).values).toEqual([])
  })
})

describe('A template', () => {
  it('is read once: what a source says is never taken for a part of it', () => {
    const odd = fc.oneof(
      fc.constantFrom(
        '{candidate.lastName}',
        '{',
        '}',
        '|lower',
        '{candidate.firstName|upper}{candidate.firstName}',
      ),
      text,
    )
    fc.assert(
      fc.property(odd, odd, (firstName, lastName) => {
        const [one, other] = [tidy(firstName), tidy(lastName)]
        const mapping = mappingOf({ target: { template: '<{candidate.firstName}-{candidate.lastName}>' } })
        const { values } = evaluate(mapping, { application: hireOf({ firstName, lastName }) })
        const whole = one !== undefined && other !== undefined
        expect(values[0]?.value).toBe(whole ? `<${one}-${other}>` : undefined)
      }),
      { numRuns: 500 },
    )
  })

  it('is read or refused, and has no more parts than it is written with', () => {
    const written = fc.oneof(
      fc.string({ maxLength: 600 }),
      fc
        .array(fc.constantFrom('{', '}', '"', '\\', '|', 'candidate.firstName', 'lower', 'x', '[', ']'), {
          maxLength: 200,
        })
        .map((all) => all.join('')),
    )
    fc.assert(
      fc.property(written, (given) => {
        const parsed = parseTemplate(given)
        if (!parsed.ok) return
        expect(parsed.value.length).toBeLessThanOrEqual(40)
        expect(parsed.value.filter((part) => typeof part !== 'string').length).toBeLessThanOrEqual(
          given.split('{').length - 1,
        )
      }),
      { numRuns: 1000 },
    )
  })

  it('is as long as what it is made of, and has no value beyond 2,000 characters', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 2500 }), (parts, length) => {
        const mapping = mappingOf({
          target: { template: '{candidate.lastName}'.repeat(Math.min(parts, 25)) },
        })
        const { values, gaps } = evaluate(mapping, { application: hireOf({ lastName: 'x'.repeat(length) }) })
        const whole = Math.min(parts, 25) * length
        expect(values[0]?.value.length).toBe(whole > 2000 ? undefined : whole)
        expect(gaps[0]?.code).toBe(whole > 2000 ? 'too_long' : undefined)
      }),
    )
  })
})

describe('Against any destination a mapping', () => {
  const choice: fc.Arbitrary<Choice> = fc
    .record({
      id: fc.option(fc.constantFrom('1', '2', 'x')),
      name: fc.oneof(known, text),
      archived: fc.boolean(),
      leaves: fc.array(text, { maxLength: 2 }),
    })
    .map(({ id, name, archived, leaves }) => {
      const children = leaves.map((leaf) => ({ id: undefined, name: leaf, archived: false, children: [] }))
      return { id: id ?? undefined, name, archived, children }
    })
  const field = (id: string): fc.Arbitrary<Target> =>
    fc
      .record({
        type: fc.constantFrom<Target['type']>(
          'choice',
          'text',
          'date',
          'number',
          'boolean',
          'choice',
          'money',
          'person',
          'address_part',
        ),
        required: fc.boolean(),
        writable: fc.boolean(),
        several: fc.boolean(),
        maxLength: fc.option(fc.integer({ min: 1, max: 50 })),
        choices: fc.option(fc.array(choice, { maxLength: 4 })),
      })
      .map(({ several, maxLength, choices, ...given }) => ({
        ...{ id, title: id, group: 'Work', ...given },
        ...(several && { multiple: true as const }),
        ...(maxLength !== null && { maxLength }),
        ...(choices !== null && { choices }),
      }))
  const placed = fc
    .tuple(hire, known)
    .map(([{ jobRefused: _, ...one }, location]) => ({ ...one, job: { ...hireOf().job!, location } }))
  const leavesOf = (choices: readonly Choice[]): readonly Choice[] =>
    choices.flatMap((one) => (one.children.length > 0 ? leavesOf(one.children) : [one]))

  it('never throws, gives the same again, and names no item that the list does not have', () => {
    let chosen = 0
    fc.assert(
      fc.property(
        fc.oneof(hire, placed),
        fc.record({ a: rule, b: rule }),
        fc.tuple(field('a'), field('c')),
        (application, written, fields) => {
          const whole = {
            mapping: mappingOf(written),
            defaults: mappingOf({ c: 'job.location' }),
            targets: [],
            settings: undefined,
          }
          const apply = () => {
            const { values, gaps } = applyMapping(whole, { application, triggeredAt }, undefined).against(
              fields,
            )
            return { values, gaps }
          }
          const { values, gaps } = apply()
          expect(apply()).toEqual({ values, gaps })
          for (const id of ['a', 'b', 'c']) {
            const times = [...values, ...gaps].filter(({ target }) => target === id).length
            expect(times).toBe(1)
          }
          for (const { target, value, choice: one, choices = [] } of values) {
            const known = leavesOf(fields.find(({ id }) => id === target)?.choices ?? [])
            for (const item of [one, ...choices].filter((each) => each !== undefined)) {
              chosen++
              expect(known.some(({ id, name }) => id === item.id && name === item.name)).toBe(true)
              expect(item.archived).toBe(false)
              if (choices.length === 0) expect(sameText(value, item.name) || value === item.id).toBe(true)
            }
          }
          for (const gap of gaps)
            if (fields.find(({ id }) => id === gap.target)?.required) expect(gap.parks).toBe(true)
        },
      ),
      { numRuns: 1000 },
    )
    expect(chosen).toBeGreaterThan(0)
  })
})
