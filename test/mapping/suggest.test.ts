// Tables of values that a person confirms, from what open jobs have and what the destination's lists have.
import { describe, expect, it } from 'vitest'

import { readMapping } from '../../src/mapping/mapping.ts'
import { needsOf, suggest, unusedDivisions } from '../../src/mapping/suggest.ts'
import type { Choice, Job, Offer, Target } from '../../src/sdk/index.ts'
import { offerOf } from '../integrations/a-hire.ts'

const job = (location: string, given: Partial<Job> = {}): Job => ({
  ...{ id: location, title: 'Engineer', visibility: 'external', location, department: undefined },
  ...given,
})
const choice = (name: string, children: readonly Choice[] = []): Choice => ({
  ...{ id: `id of ${name}`, name, archived: false, children },
})
const site = (...choices: readonly Choice[]): Target => ({
  ...{ id: 'site', title: 'Site', group: 'Work', type: 'choice', required: true, writable: true, choices },
})

interface Given {
  readonly defaults?: object
  readonly offers?: readonly (readonly Offer[])[]
  readonly site?: unknown
  readonly title?: unknown
}

function suggested({ defaults = {}, offers = [], ...written }: Given, jobs: readonly Job[], field: Target) {
  const [mapping, own] = [readMapping(written), readMapping(defaults)]
  if (!mapping.ok || !own.ok) throw new Error('unreadable')
  return suggest({ mapping: mapping.mapping, defaults: own.mapping }, { jobs, offers }, [field])
}
const located = { site: 'job.location' }

describe('Suggested values', () => {
  it('are what is equal after folding, then what is near; what is in the list needs none', () => {
    const jobs = [job('lisbon '), job('New York – HQ'), job('New York – HQ'), job('Londn'), job('Tokyo')]
    const field = site(choice('Lisbon'), choice('New York HQ'), choice('London'), choice('London, UK'))
    expect(suggested(located, jobs, field)).toEqual([
      {
        ...{ id: 'site', title: 'Site', hidden: false, known: 1 },
        entries: [
          { value: 'New York – HQ', choice: 'New York HQ', why: 'equal', others: [], jobs: 2, hires: 0 },
          { value: 'Londn', choice: 'London', why: 'near', others: [], jobs: 1, hires: 0 },
        ],
        open: [{ value: 'Tokyo', jobs: 1, hires: 0, headings: [] }],
      },
    ])
  })

  it('are none for a name that the list has under several headings, which are told', () => {
    const field = site(choice('Europe', [choice('Sales')]), choice('Asia', [choice('Sales')]))
    expect(suggested(located, [job('Sales')], field)[0]).toMatchObject({
      entries: [],
      open: [{ value: 'Sales', headings: ['Europe / Sales', 'Asia / Sales'] }],
    })
  })

  it('do not repeat what the table has, but mend what the list no longer has', () => {
    const field = site(choice('London'), choice('Paris Nord'))
    const rule = { from: 'job.location', values: { Leeds: 'London', Lyon: 'Paris-Nord' } }
    const [found] = suggested({ site: rule }, [job('leeds'), job('Lyon')], field)
    expect(found?.known).toBe(1)
    expect(found?.entries).toMatchObject([{ value: 'Lyon', choice: 'Paris Nord' }])
  })

  it('have what is spelled alike as well where `otherwise` would catch it', () => {
    const field = site(choice('London'), choice('Paris'))
    const rule = { from: 'job.location', otherwise: 'park' }
    expect(suggested({ site: rule }, [job('London'), job('Pariss')], field)[0]?.entries).toMatchObject([
      { value: 'Pariss', choice: 'Paris' },
      { value: 'London', choice: 'London' },
    ])
    expect(suggested({ site: rule }, [job('London')], field)[0]?.entries).toEqual([])
  })

  it('are made of the default where that is what counts, and of nothing for a constant', () => {
    const field = site(choice('London'))
    expect(suggested({ site: 'default', defaults: located }, [job('Londn')], field)[0]?.entries).toHaveLength(
      1,
    )
    expect(suggested({ defaults: located }, [job('Londn')], field)[0]?.entries).toHaveLength(1)
    expect(suggested({ site: { constant: 'London' }, defaults: located }, [job('Londn')], field)).toEqual([])
  })

  it('are of the titles on accepted offers too, where the offer counts before the job', () => {
    const title = { ...site(choice('Designer'), choice('Engineer')), id: 'title' }
    const of = (...titles: readonly string[]) =>
      titles.map((jobTitle) => [
        offerOf({ jobTitle: 'Chef', result: 'rejected' }),
        offerOf({ jobTitle, resultAt: '2026-11-02T00:00:00Z' }),
      ])
    const given = { title: ['offer.jobTitle|trim', 'job.title'] }
    const [found] = suggested(
      { ...given, offers: of('Enginer', 'Desgner') },
      [job('Oslo', { title: 'Enginer' })],
      title,
    )
    expect(found?.entries).toMatchObject([
      { value: 'Enginer', choice: 'Engineer', jobs: 1, hires: 1 },
      { value: 'Desgner', choice: 'Designer', jobs: 0, hires: 1 },
    ])
    expect(found?.open).toEqual([])
    const jobFirst = { title: ['job.title', 'offer.jobTitle'] }
    expect(suggested({ ...jobFirst, offers: of('Desgner') }, [job('Oslo')], title)[0]?.entries).toEqual([])
  })

  it('need only what decides a list, and divisions, which are named where nothing takes them', () => {
    const [title, team] = [
      { ...site(), id: 'title' },
      { ...site(), id: 'team' },
    ]
    const needs = (written: object) => {
      const read = readMapping(written)
      if (!read.ok) throw new Error('unreadable')
      const mapped = { mapping: read.mapping, defaults: new Map() }
      const jobs = [job('Oslo', { division: 'Retail' }), job('Bergen', { division: 'Retail' })]
      return [needsOf(mapped, [title, team]), unusedDivisions(mapped, { jobs }, [title, team])]
    }
    expect(needs({ title: 'job.title' })).toEqual([{ ofJobs: ['division'], offers: false }, ['Retail']])
    expect(needs({ title: 'offer.jobTitle', team: 'job.custom["Team"]' })).toEqual([
      { ofJobs: ['division', 'job_attributes'], offers: true },
      ['Retail'],
    ])
    expect(needs({ team: 'job.division' })).toEqual([{ ofJobs: ['division'], offers: false }, []])
  })

  it('are none for very short names that share no letter, and where the list is not shown', () => {
    expect(suggested(located, [job('HR')], site(choice('IT')))[0]?.entries).toEqual([])
    const { choices: _, ...hidden } = site()
    expect(suggested(located, [job('Leeds')], hidden)[0]).toMatchObject({
      hidden: true,
      entries: [],
      open: [],
    })
  })
})
