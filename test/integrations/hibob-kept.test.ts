/** What HiBob's answer to a create holds, against what was sent: HiBob leaves out without an error what may not be edited. */
import { describe, expect, it } from 'vitest'

import { notKept, type SentValue } from '../../src/integrations/hibob/kept.ts'
import { sentValues } from '../../src/integrations/hibob/sent-values.ts'

const body = {
  firstName: 'Zoë',
  surname: 'Example',
  email: 'Zoe@example.com',
  startDate: '2027-01-04',
  site: 'New York (Demo)',
  title: 'Engineer',
  department: '22',
  privateEmail: 'Zoe@example.com',
}
const place = {
  site: { id: '7', name: 'New York (Demo)' },
  title: { id: '11', name: 'Engineer' },
  department: { id: '22', name: 'Platform' },
}
const answer = {
  id: '3397352260643062621',
  firstName: 'Zoë',
  surname: 'Example',
  email: 'zoe@example.com',
  home: { privateEmail: 'zoe@example.com', mobilePhone: null },
  work: {
    startDate: '2027-01-04',
    site: 'New York (Demo)',
    siteId: 7,
    title: 'Engineer',
    department: 'Platform',
  },
}
const sent = sentValues(body, place)
const codes = (given: unknown, of: readonly SentValue[] = sent) => notKept(given, of).map(({ code }) => code)
const inWork = (changes: object) => ({ ...answer, work: { ...answer.work, ...changes } })

describe('A new employee, as HiBob answers, is what was sent', () => {
  it.each<[string, unknown]>([
    ['as it stands', answer],
    ['with names in another case', { ...answer, firstName: 'ZOË', surname: ' example ' }],
    ['with decomposed accents', { ...answer, firstName: 'Zoe\u0308' }],
    ['with ids in the place of names', inWork({ title: 11, department: '22' })],
    ['with items in the place of names', inWork({ department: { id: '22', value: 'Platform' } })],
    ['with a date and a time', inWork({ startDate: '2027-01-04T00:00:00' })],
    ['with the site by its id only', inWork({ site: undefined })],
  ])('%s', (_, given) => {
    expect(notKept(given, sent)).toEqual([])
  })
})

describe('A field that HiBob dropped is named with the missing permission, and never its value', () => {
  it.each<[string, object, string]>([
    ['first name', { ...answer, firstName: null }, 'Basic info'],
    ['last name', { ...answer, surname: '' }, 'Basic info'],
    ['e-mail address', { ...answer, email: null }, 'Basic info'],
    ['start date', inWork({ startDate: null }), 'Work'],
    ['site', inWork({ site: null, siteId: null }), 'Work'],
    ['title', inWork({ title: null }), 'Work'],
    ['department', inWork({ department: [] }), 'Work'],
    ['personal e-mail', { ...answer, home: { privateEmail: null } }, 'Personal contact details'],
  ])('%s', (title, given, category) => {
    const [warning, ...others] = notKept(given, sent)
    expect([warning?.code, others]).toEqual(['hibob.fields_dropped', []])
    expect(warning?.message).toContain(title)
    expect(warning?.message).toContain(`may not edit ${category}`)
    expect(warning?.message).not.toMatch(/Zoë|Example|example|2027|York|Engineer|Platform/)
  })
})

it('a value that is another is told apart from one that was dropped', () => {
  expect(codes(inWork({ site: 'London', siteId: 8, title: null }))).toEqual([
    'hibob.fields_dropped',
    'hibob.fields_changed',
  ])
})

it('what the service user may not view is told as not known, by its category', () => {
  const { work: _, ...withoutWork } = answer
  const [warning, ...others] = notKept(withoutWork, sent)
  expect([warning?.code, others]).toEqual(['hibob.fields_not_shown', []])
  expect(warning?.message).toMatch(/start date.*site.*title.*department.*view of Work/s)
})

it('an answer of no known shape says nothing was shown, and fails nothing', () => {
  for (const odd of [undefined, null, [], 'text', { work: 'text', firstName: { a: 1 } }]) codes(odd)
  expect(codes(undefined)).toEqual(['hibob.fields_not_shown'])
})

it('what was not sent is not missed', () => {
  const without = sentValues({ ...body, title: undefined, department: undefined }, place)
  expect(notKept(inWork({ title: null, department: null }), without)).toEqual([])
})
