/** A mapping against the fields that a destination has now, and the line that would mend each gap. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

import { applyMapping, type WholeMapping } from '../../src/mapping/against.ts'
import { readMapping } from '../../src/mapping/mapping.ts'
import type { Choice, HiredApplication, Target } from '../../src/sdk/index.ts'
import { hireOf } from '../integrations/a-hire.ts'

const field = (id: string, given: Partial<Target> = {}): Target => ({
  ...{ id, title: id, group: 'Work', type: 'text', required: false, writable: true },
  ...given,
})
const choice = (name: string, given: Partial<Choice> = {}): Choice => ({
  ...{ id: `id of ${name}`, name, archived: false, children: [] },
  ...given,
})
const list = (id: string, names: readonly string[], given: Partial<Target> = {}) =>
  field(id, { type: 'choice', choices: names.map((name) => choice(name)), ...given })

function mappingOf(written: object) {
  const read = readMapping(written)
  if (!read.ok) throw new Error(JSON.stringify(read.faults))
  return read.mapping
}

interface Given {
  readonly written: object
  readonly fields: readonly Target[]
  readonly defaults?: object
  readonly targets?: readonly Target[]
  readonly settings?: WholeMapping['settings']
  readonly hire?: Partial<HiredApplication>
}

function against({ written, fields, defaults = {}, targets = [], settings, hire = {} }: Given) {
  const whole = { mapping: mappingOf(written), defaults: mappingOf(defaults), targets, settings }
  return applyMapping(whole, { application: hireOf(hire) }, undefined).against(fields)
}

const at = (location: string | undefined) => ({
  job: { id: '7', title: 'Engineer', visibility: 'external', location, department: undefined },
})

describe('A mapping against the fields of a destination', () => {
  it('knows a field that is gone, one that is not to be written, and one that is demanded unseen', () => {
    const { values, gaps } = against({
      written: { gone: 'job.title', fixed: { from: 'job.title', otherwise: 'park' }, there: 'job.title' },
      fields: [field('fixed', { writable: false }), field('there')],
      targets: [field('demanded', { required: true }), field('welcome')],
    })
    expect(values.map(({ target }) => target)).toEqual(['there'])
    expect(gaps).toMatchObject([
      { target: 'gone', code: 'unknown_field', parks: false, near: [] },
      { target: 'fixed', code: 'not_writable', parks: true },
      { target: 'demanded', code: 'no_value', parks: true, mend: 'demanded: { constant: … }' },
    ])
  })

  it('says which field may be meant by one that is not there', () => {
    const { gaps } = against({
      written: { 'root.lastName': 'candidate.lastName' },
      fields: [
        field('root.surname', { title: 'Last name' }),
        field('root.firstName', { title: 'First name' }),
      ],
    })
    expect(gaps).toMatchObject([
      {
        reason:
          'The destination has no such field, or does not show it to these credentials. Did you mean root.surname?',
        near: ['root.surname'],
      },
    ])
  })

  it('says of the value of a list what was meant, and which line would mend it', () => {
    const { gaps } = against({
      written: { site: 'job.location' },
      fields: [list('site', ['New York - HQ', 'London'], { required: true })],
      hire: at('New York – HQ'),
    })
    expect(gaps).toMatchObject([
      {
        parks: true,
        near: ['New York - HQ'],
        reason:
          'The value "New York – HQ" of job.location is not in the list of the destination. Did you mean "New York - HQ"?',
        mend: 'site: { from: job.location, values: { "New York – HQ": New York - HQ } }',
      },
    ])
  })

  it.each([
    [{ from: 'job.location', values: { Oslo: 'Londn' } }, 'Oslo: London # in the values of site'],
    [
      { from: 'job.location', values: { X: 'Y' }, otherwise: { value: 'Londn' } },
      'otherwise: { value: London } # of site',
    ],
    [{ constant: 'Londn' }, 'site: { constant: London }'],
    [
      { from: ['offer.jobTitle', 'job.location'] },
      'site: { from: [offer.jobTitle, job.location], values: { Oslo: … } }',
    ],
    [{ from: 'job.location', values: { X: 'Y' }, otherwise: 'park' }, 'Oslo: … # in the values of site'],
    [{ template: '{candidate.firstName}', otherwise: 'park' }, undefined],
  ])('mends the very part of the rule that is wrong: %j', (rule, line) => {
    const { gaps } = against({
      written: { site: rule },
      fields: [list('site', ['London'], { required: true })],
      hire: at('Oslo'),
    })
    expect(gaps).toMatchObject([{ parks: true, mend: line }])
  })

  it.each([
    [
      { from: 'job.location', values: { Oslo: 'Londn' }, otherwise: { value: 'London' } },
      'Oslo: London # in the setting `sites`',
    ],
    [
      { from: 'job.location', values: { X: 'Y' }, otherwise: { value: 'Londn' } },
      'site: London # the setting',
    ],
    [{ from: 'job.location', values: { X: 'London' } }, 'Oslo: … # in the setting `sites`'],
    [{ constant: 'Londn' }, 'site: London # the setting'],
    ['job.location', 'office: { from: job.location, values: { Oslo: … } }'],
  ])('mends what a setting says in the words of the setting: %j', (rule, line) => {
    const settings = { office: { constant: 'site', values: 'sites', otherwise: 'site' } }
    const fields = [list('office', ['London'], { required: true })]
    const of = (given: Pick<Given, 'written' | 'defaults'>) =>
      against({ ...given, fields, settings, hire: at('Oslo') }).gaps.map(({ mend }) => mend)
    expect(of({ written: {}, defaults: { office: rule } })).toEqual([line])
    expect(of({ written: { office: rule } })[0]).not.toContain('setting')
  })

  it('mends a site that the settings leave open for a job without a location', () => {
    const { gaps } = against({
      written: {},
      defaults: { office: { from: 'job.location', values: { X: 'London' } } },
      fields: [list('office', ['London'], { required: true })],
      settings: { office: { constant: 'site', values: 'sites', otherwise: 'site' } },
      hire: at(undefined),
    })
    expect(gaps).toMatchObject([{ code: 'no_value', mend: 'site: … # the setting' }])
  })

  it('names one of several leaves by its id', () => {
    const tree = [
      choice('Europe', { children: [choice('Sales', { id: '11' })] }),
      choice('America', { children: [choice('Sales', { id: '12' })] }),
    ]
    const { gaps } = against({
      written: { team: { from: 'job.location', otherwise: 'park' } },
      fields: [field('team', { type: 'choice', choices: tree })],
      hire: at('Sales'),
    })
    expect(gaps).toMatchObject([
      {
        reason:
          'The value "Sales" of job.location is several values of the list ("Europe / Sales", "America / Sales"): name one by its id.',
        mend: 'team: { from: job.location, values: { Sales: "11" } }',
      },
    ])
  })

  it.each([
    [
      'a required day',
      { start: 'offer.startOn' },
      field('start', { type: 'date', required: true }),
      'start: [offer.startOn, application.hiredAt|plusDays(14)]',
    ],
    [
      'a required choice',
      { start: 'offer.startOn' },
      list('start', ['A'], { required: true }),
      'otherwise: { value: … } # of start',
    ],
    [
      'a field that may be left out',
      { start: { from: 'offer.startOn', otherwise: 'park' } },
      field('start'),
      'otherwise: leave-out # of start',
    ],
    [
      'a name that has to be corrected',
      { start: 'offer.startOn' },
      field('start', { required: true }),
      undefined,
    ],
  ] as const)('has a line for a missing value: %s', (...[, written, one, line]) => {
    const { gaps } = against({ written, fields: [one], hire: { offers: [] } })
    expect(gaps).toMatchObject([{ code: 'no_value', parks: true, mend: line }])
  })

  it('mends a filter of days on what never is one', () => {
    const { gaps } = against({
      written: { start: ['job.title|nextWorkingDay', 'offer.startOn|plusDays(2)'], note: 'job.title|slug' },
      fields: [field('start'), field('note')],
    })
    expect(gaps).toMatchObject([
      {
        ...{ target: 'start', code: 'unfit', reason: 'The value of job.title is not a day that exists.' },
        mend: 'start: [job.title, offer.startOn|plusDays(2)]',
      },
    ])
  })

  it('takes several items where the field does, by names with commas between them', () => {
    const languages = list('languages', ['English', 'German', 'Chinese, simplified'], { multiple: true })
    const chosen = (value: string) => {
      const { values, gaps } = against({
        written: { languages: 'application.custom["Languages"]' },
        fields: [languages],
        hire: { customAttributes: { Languages: value } },
      })
      return values[0]?.choices?.map(({ name }) => name) ?? gaps.map(({ code }) => code)
    }
    expect(chosen('german, English')).toEqual(['German', 'English'])
    expect(chosen('Chinese, simplified')).toEqual(['Chinese, simplified'])
    expect(chosen('German, Klingon')).toEqual(['not_a_choice'])
  })

  it('never tells what a person has, in no reason and no line', () => {
    const kinds = fc.constantFrom<Target['type']>(
      'text',
      'date',
      'number',
      'boolean',
      'choice',
      'money',
      'person',
    )
    const rule = fc.constantFrom<object>(
      { from: 'application.custom["Size"]' },
      { from: 'application.custom["Size"]', otherwise: 'park' },
      { from: 'application.custom["Size"]', values: { secretly: 'Medium' }, otherwise: 'park' },
      { template: 'x{application.custom["Size"]}', otherwise: 'park' },
    )
    fc.assert(
      fc.property(kinds, rule, fc.boolean(), (type, written, required) => {
        const { gaps } = against({
          written: { size: written, gone: written },
          fields: [field('size', { type, required, maxLength: 3, choices: [choice('private')] })],
          hire: { customAttributes: { Size: 'privately' } },
        })
        expect(JSON.stringify(gaps)).not.toMatch(/privately|secretly/)
        for (const { mend } of gaps) if (mend !== undefined) expect(() => void parse(mend)).not.toThrow()
      }),
    )
  })

  it('writes lines that are YAML, whatever the values', () => {
    const texts = fc
      .string({ minLength: 1, maxLength: 30, unit: 'grapheme' })
      .filter((text) => text.trim() === text)
    fc.assert(
      fc.property(texts, texts, (location, name) => {
        const { gaps } = against({
          written: { 'a: "b"': 'job.location' },
          fields: [list('a: "b"', [name, `${location}x`])],
          hire: at(location),
        })
        for (const { mend = '{}' } of gaps) expect(typeof parse(mend)).toBe('object')
      }),
      { numRuns: 300 },
    )
  })
})
