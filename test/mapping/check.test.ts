/** Whether a destination would take the mapped values, before anything is sent. */
import { describe, expect, it } from 'vitest'

import { checkValues } from '../../src/mapping/check.ts'
import { evaluate } from '../../src/mapping/evaluate.ts'
import { readMapping } from '../../src/mapping/mapping.ts'
import type { Choice, HiredApplication, Target } from '../../src/sdk/index.ts'
import { hireOf } from '../integrations/a-hire.ts'

const target = (id: string, given: Partial<Target> = {}): Target => ({
  ...{ id, title: id, group: 'Work', type: 'text', required: false, writable: true },
  ...given,
})
const choice = (name: string, given: Partial<Choice> = {}): Choice => ({
  ...{ id: `id of ${name}`, name, archived: false, children: [] },
  ...given,
})

function checked(written: object, targets: readonly Target[], hire: Partial<HiredApplication> = {}) {
  const read = readMapping(written)
  if (!read.ok) throw new Error(JSON.stringify(read.faults))
  return checkValues(evaluate(read.mapping, { application: hireOf(hire) }), targets)
}

const site = (choices: readonly Choice[]) => target('site', { type: 'choice', required: true, choices })
const located = (location: string) => ({
  job: { id: '7', title: 'Engineer', visibility: 'external', location, department: undefined },
})

describe('A choice', () => {
  it.each([['New York – HQ'], ['new york – hq '], ['id of New York – HQ']])(
    'is known by its id, or by its name after folding: %s',
    (location) => {
      const { values, gaps } = checked(
        { site: 'job.location' },
        [site([choice('New York – HQ')])],
        located(location),
      )
      expect([values[0]?.choice?.id, gaps]).toEqual(['id of New York – HQ', []])
    },
  )

  it('is parked with what is near when it is not in the list, and mapped by an entry (case 33)', () => {
    const targets = [site([choice('London, UK'), choice('Lisbon'), choice('Tokyo')])]
    const { gaps } = checked({ site: 'job.location' }, targets, located('London'))
    expect(gaps).toEqual([
      {
        ...{
          target: 'site',
          source: 'job.location',
          code: 'not_a_choice',
          near: ['London, UK'],
          parks: true,
        },
        ...{ rule: 'source', key: 'London', best: 'London, UK' },
        reason:
          'The value "London" of job.location is not in the list of the destination. Did you mean "London, UK"?',
      },
    ])
    const rule = { from: 'job.location', values: { London: 'London, UK' } }
    expect(checked({ site: rule }, targets, located('London')).values[0]?.choice?.name).toBe('London, UK')
  })

  it('that is archived is not there (case 34)', () => {
    const { gaps } = checked(
      { site: 'job.location' },
      [site([choice('London', { archived: true })])],
      located('London'),
    )
    expect(gaps).toMatchObject([{ code: 'not_a_choice', parks: true }])
  })

  it('of a tree is a leaf, and of two leaves of one name neither is guessed', () => {
    const tree = [
      choice('Europe', { children: [choice('Sales', { id: '1' }), choice('Support')] }),
      choice('America', { children: [choice('Sales', { id: '2' })] }),
    ]
    const at = (location: string) => checked({ site: 'job.location' }, [site(tree)], located(location))
    expect(at('support').values).toHaveLength(1)
    expect(at('Europe').gaps).toMatchObject([{ code: 'not_a_choice' }])
    expect(at('Sales').gaps).toMatchObject([
      { code: 'ambiguous_choice', near: ['Europe / Sales', 'America / Sales'] },
    ])
    expect(at('2').values[0]?.choice?.id).toBe('2')
  })

  it('of a personal value is told without it', () => {
    const size = target('size', { type: 'choice', choices: [choice('Medium')] })
    const { gaps } = checked({ size: 'application.custom["Size"]' }, [size], {
      customAttributes: { Size: 'Mediun' },
    })
    expect(gaps).toMatchObject([{ target: 'size', near: [], parks: false }])
    expect(JSON.stringify(gaps)).not.toContain('Mediun')
  })

  it('is passed on where the destination does not show its list', () => {
    const hidden = target('site', { type: 'choice', required: true })
    expect(checked({ site: 'job.location' }, [hidden]).values).toMatchObject([{ value: 'Springfield' }])
  })
})

describe('Before anything is sent', () => {
  it('all gaps are told at once', () => {
    const targets = [
      site([choice('London')]),
      target('start', { type: 'date', required: true }),
      target('root.email', { required: true }),
      target('surname', { required: true, maxLength: 3 }),
      target('title', { required: true }),
      target('nickname'),
    ]
    const written = {
      site: 'job.location',
      start: 'offer.startOn',
      'root.email': 'candidate.email',
      surname: 'candidate.lastName',
      nickname: 'candidate.preferredName',
    }
    const { gaps } = checked(written, targets, { email: 'ada at example', offers: [] })
    expect(gaps.map(({ target: id, code, parks }) => [id, code, parks])).toEqual([
      ['start', 'no_value', true],
      ['nickname', 'no_value', false],
      ['site', 'not_a_choice', true],
      ['root.email', 'not_an_email', true],
      ['surname', 'too_long', true],
      ['title', 'no_value', true],
    ])
    expect(JSON.stringify(gaps)).not.toMatch(/ada at|Example/)
  })

  it.each([
    ['date', '2026-03-29T00:30:00+01:00', '2026-03-29'],
    ['date', '2028-02-29', '2028-02-29'],
    ['date', '2027-02-29', undefined],
    ['number', '51000.5', '51000.5'],
    ['money', '51 000', undefined],
    ['boolean', 'Yes', 'true'],
    ['boolean', 'perhaps', undefined],
    ['text', '900719925474099312345', '900719925474099312345'],
  ] as const)('a %s of %s (cases 5, 6, 7, 56)', (type, value, taken) => {
    const { values } = checked({ x: 'application.custom["x"]' }, [target('x', { type })], {
      customAttributes: { x: value },
    })
    expect(values[0]?.value).toBe(taken)
  })

  it('an optional field parks where the mapping says so, and only there', () => {
    const title = target('title', { type: 'choice', choices: [choice('Designer')] })
    expect(checked({ title: 'job.title' }, [title]).gaps).toMatchObject([{ parks: false }])
    const strict = { title: { from: 'job.title', otherwise: 'park' } }
    expect(checked(strict, [title]).gaps).toMatchObject([{ parks: true }])
  })
})
