/** What Pinpoint says of a hire, as sources of a mapping. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { readSources } from '../../src/mapping/read-sources.ts'
import { namedId, sourceNamed, sources } from '../../src/mapping/sources.ts'
import { readApplication } from '../../src/pinpoint/read-application.ts'
import { hireOf, offerOf } from '../integrations/a-hire.ts'

const valueOf = (id: string, application = hireOf()) => sourceNamed(id)?.read({ application })

const answer = (attributes: object, relationships: object = {}, included: readonly object[] = []) => ({
  data: { id: '9000001', type: 'applications', attributes, relationships },
  included,
})
const related = (type: string, id: string) => ({ data: { type, id } })
const attribute = (id: string, field_name: unknown, value: unknown) => ({
  id,
  type: 'custom_attributes',
  attributes: { field_name, value },
})

describe('A source', () => {
  it('has an id of its own, and reads nothing of a hire that says nothing', () => {
    const ids = sources.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const application = readApplication(answer({}))
    const said = sources.filter(({ read }) => read({ application }) !== undefined)
    expect(said.map(({ id }) => id)).toEqual(['candidate.internal', 'application.id'])
  })

  it('is read from whatever Pinpoint sends along: job, offer, managers, onboarding, custom attributes', () => {
    const included = [
      {
        ...{ id: '7', type: 'jobs', attributes: { title: 'Engineer', employment_type: 'permanent' } },
        relationships: {
          division: related('divisions', '1'),
          hiring_manager_user: related('users', '2'),
          custom_attributes: { data: [{ type: 'custom_attributes', id: '30' }] },
        },
      },
      { id: '1', type: 'divisions', attributes: { name: 'Research' } },
      { id: '2', type: 'users', attributes: { email: 'boss@example.com', first_name: 'Grace' } },
      {
        ...{ id: '4', type: 'offers' },
        attributes: { result: 'accepted', salary_amount: 51000.5, salary_currency: 'GBP' },
        relationships: {
          manager: related('users', '5'),
          custom_attributes: { data: [{ type: 'custom_attributes', id: '31' }] },
        },
      },
      { id: '5', type: 'users', attributes: { email: 'lead@example.com' } },
      {
        ...{
          id: '6',
          type: 'onboarding_applications',
          attributes: { start_at: '2027-01-04T09:00:00+01:00' },
        },
        relationships: { onboarding_answers: { data: [{ type: 'onboarding_answers', id: '8' }] } },
      },
      {
        id: '8',
        type: 'onboarding_answers',
        attributes: { title: 'Diet', text_answer: null, boolean_answer: false },
      },
      { id: '9', type: 'candidates', relationships: { custom_attributes: { data: [{ id: '32' }] } } },
      attribute('30', 'Cost centre', 4711),
      attribute('31', 'Notice', { months: 3 }),
      attribute('32', 'Badge', true),
      attribute('33', 'T-shirt size', ['M', 'L']),
    ]
    const application = readApplication(
      answer(
        {
          first_name: 'Ada',
          town: 'Springfield',
          country: 'Jersey',
          linkedin_url: 'https://example.com/ada',
        },
        {
          job: related('jobs', '7'),
          offers: { data: [{ type: 'offers', id: '4' }] },
          onboarding_application: related('onboarding_applications', '6'),
          candidate: related('candidates', '9'),
          custom_attributes: { data: [{ type: 'custom_attributes', id: '33' }] },
        },
        included,
      ),
    )
    const said = readSources({ application }).filter(({ value }) => value !== undefined)
    expect(Object.fromEntries(said.map(({ id, value }) => [id, value]))).toEqual({
      'candidate.firstName': 'Ada',
      'candidate.address.town': 'Springfield',
      'candidate.address.country': 'Jersey',
      'candidate.linkedinUrl': 'https://example.com/ada',
      'candidate.internal': 'false',
      'application.id': '9000001',
      'offer.salary.amount': '51000.5',
      'offer.salary.currency': 'GBP',
      'offer.manager.email': 'lead@example.com',
      'job.id': '7',
      'job.title': 'Engineer',
      'job.division': 'Research',
      'job.employmentType': 'permanent',
      'job.hiringManager.firstName': 'Grace',
      'job.hiringManager.email': 'boss@example.com',
      'onboarding.startAt': '2027-01-04T09:00:00+01:00',
      'application.custom["T-shirt size"]': 'M, L',
      'offer.custom["Notice"]': '{"months":3}',
      'job.custom["Cost centre"]': '4711',
      'candidate.custom["Badge"]': 'true',
      'onboarding.answer["Diet"]': 'false',
    })
  })

  it('of two accepted offers is the one that was accepted last (case 1)', () => {
    const offers = [
      offerOf({ startOn: '2027-01-04', resultAt: '2026-11-01T10:00:00Z' }),
      offerOf({ id: '2', startOn: '2027-02-01', resultAt: '2026-11-02T10:00:00Z' }),
      offerOf({ id: '3', startOn: '2027-03-01', result: 'rejected', resultAt: '2026-11-03T10:00:00Z' }),
    ]
    expect(valueOf('offer.startOn', hireOf({ offers }))).toBe('2027-02-01')
  })

  it.each([['T-shirt size'], ['size "M"'], ['a\\b'], ['__proto__'], ['Größe']])(
    'names a field that was added by the customer: %s',
    (name) => {
      const application = hireOf({ customAttributes: Object.fromEntries([[name, 'M']]) })
      expect(valueOf(namedId('application.custom', name), application)).toBe('M')
    },
  )

  it('names it whatever the case and the encoding, and the exact one first', () => {
    const one = hireOf({ customAttributes: { 'T-Shirt Größe': 'M' } })
    expect(valueOf('application.custom["t-shirt größe "]'.normalize('NFD'), one)).toBe('M')
    const two = hireOf({ customAttributes: { size: 'S', Size: 'M' } })
    expect(valueOf('application.custom["Size"]', two)).toBe('M')
  })

  it.each([['candidate.nickname'], ['candidate.custom[size]'], ['custom["size"]'], ['job.custom[""]'], ['']])(
    'is unknown: %s',
    (id) => expect(sourceNamed(id)).toBeUndefined(),
  )

  it('is a text or nothing, whatever Pinpoint answers', () => {
    const relationships = {
      job: related('jobs', '7'),
      offers: { data: [{ id: '4' }] },
      onboarding_application: related('onboarding_applications', '6'),
      custom_attributes: { data: [{ id: '33' }] },
    }
    const odd = fc.record({
      first_name: fc.jsonValue(),
      linkedin_url: fc.jsonValue(),
      salary_amount: fc.jsonValue(),
      manager: fc.jsonValue(),
      result: fc.constant('accepted'),
      start_at: fc.jsonValue(),
      title: fc.jsonValue(),
      value: fc.jsonValue(),
      field_name: fc.oneof(fc.string(), fc.jsonValue()),
    })
    fc.assert(
      fc.property(odd, fc.jsonValue(), (attributes, of) => {
        const types = ['jobs', 'offers', 'onboarding_applications', 'custom_attributes']
        const ids = ['7', '4', '6', '33']
        const included = types.map((type, at) => ({
          ...{ id: ids[at], type, attributes },
          relationships: { manager: of, onboarding_answers: of, custom_attributes: of },
        }))
        const application = readApplication(answer(attributes, relationships, included))
        for (const { value } of readSources({ application }))
          expect(value === undefined || (typeof value === 'string' && value !== '')).toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})
