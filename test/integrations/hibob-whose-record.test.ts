/** Whose record it is: every row of the table. */
import { describe, expect, it } from 'vitest'

import { type Candidate, whoseRecord } from '../../src/integrations/hibob/whose-record.ts'
import { type Employee, searchAnswer } from '../../src/integrations/hibob/wire.ts'

const hire = (changes: Partial<Candidate> = {}): Candidate => ({
  email: 'ada@example.com',
  firstNames: ['Ada'],
  internal: false,
  ...changes,
})
const shown = (changes: object = {}, internal: object = {}): Employee => {
  const answer = {
    id: '77',
    email: 'ada@example.com',
    firstName: 'Ada',
    surname: 'Example',
    displayName: 'Ada Example',
    internal: { status: 'Active', lifecycleStatus: 'employed', ...internal },
    ...changes,
  }
  return searchAnswer.parse({ employees: [answer] }).employees[0]!
}
const byEmail = (records: readonly Employee[], candidate = hire()) =>
  whoseRecord(candidate, { by: 'email', records })
const byId = (record: Employee, candidate = hire()) => whoseRecord(candidate, { by: 'id', record })
/** Of the only record, found either way. */
const bothWays = (record: Employee, candidate = hire()) => {
  const [one, other] = [byEmail([record], candidate).is, byId(record, candidate).is]
  expect(one).toBe(other)
  return one
}
const nameless = { firstName: undefined, displayName: undefined }

describe('whose record it is', () => {
  it('nobody’s, so a new one is made; an internal candidate has one somewhere', () => {
    expect(byEmail([])).toEqual({ is: 'nobody' })
    expect(byEmail([], hire({ internal: true }))).toEqual({ is: 'internal' })
  })

  it('an internal candidate who is found by e-mail is found', () => {
    expect(bothWays(shown(), hire({ internal: true }))).toBe('theirs')
  })

  it('one with another e-mail is not looked at, whatever HiBob made of the filter (W4)', () => {
    const stranger = shown({ id: '78', email: 'zoe@example.com', firstName: 'Zoe' })
    expect(byEmail([stranger])).toEqual({ is: 'nobody' })
    expect(byEmail([stranger, shown()])).toEqual({ is: 'theirs', id: '77' })
    expect(byEmail([stranger], hire({ internal: true }))).toEqual({ is: 'internal' })
  })

  it('one whose e-mail is hidden is not adopted, alone or among others (W4)', () => {
    const hidden = shown({ id: '78', email: undefined })
    const emailHidden = { is: 'unverifiable', ids: ['78'], hidden: ['root.email'] }
    expect(byEmail([hidden])).toEqual(emailHidden)
    expect(byEmail([shown(), hidden])).toEqual({ ...emailHidden, ids: ['77', '78'] })
    expect(byEmail([shown({ id: '78', firstName: 'Zoe', email: null })])).toMatchObject(emailHidden)
    expect(byId(hidden)).toEqual({ is: 'theirs', id: '78' })
  })

  it('several with the e-mail are for a person, also when one of them has the name', () => {
    const records = [shown(), shown({ id: '78', firstName: 'Bob' })]
    expect(byEmail(records)).toEqual({ is: 'several', ids: ['77', '78'] })
  })

  it.each([
    ['ada@example.com', 'ADA@Example.com'],
    ['ada@example.com', 'ada@example.com\u200b'],
    ['\u2060ada@exam\u00adple.com\u00a0', 'ada@example.com'],
    ['zo\u00eb@example.com', 'zoe\u0308@example.com'],
  ])('%j and %j are one address (W23)', (email, other) => {
    expect(byEmail([shown({ email: other })], hire({ email })).is).toBe('theirs')
  })
})

describe('a login that the mapping makes', () => {
  const login = 'ada.example@acme.example'
  const wanted = hire({ login })
  const holder = (home: unknown, changes: object = {}, internal: object = {}) =>
    shown({ id: '90', email: login, home, ...changes }, internal)
  const theirs = { privateEmail: 'ADA@example.com' }
  const anothers = { privateEmail: 'other.ada@example.com' }

  it.each<[string, unknown, boolean]>([
    ['has another personal e-mail', anothers, false],
    ['has none that is shown', undefined, true],
    ['has an empty one', { privateEmail: ' ' }, true],
    ['has one of another shape than is known', ['ada@example.com'], true],
  ])('is no evidence: who has it and %s is a namesake, however alike', (_what, home, unsure) => {
    const taken = { is: 'login_taken', id: '90', unsure }
    expect(byEmail([holder(home)], wanted)).toEqual(taken)
    expect(byEmail([holder(home, { email: login.toUpperCase() })], wanted)).toEqual(taken)
    // Pinpoint's word that the hire works here already says nothing of which employee.
    expect(byEmail([holder(home)], { ...wanted, internal: true })).toEqual(taken)
    // Nor does another first name make the login free.
    expect(byEmail([holder(home, { firstName: 'Zoe', displayName: 'Zoe X' })], wanted)).toEqual(taken)
  })

  it('belongs to the hire whose personal e-mail is the one that they gave, under the same table', () => {
    expect(byEmail([holder(theirs)], wanted)).toEqual({ is: 'theirs', id: '90' })
    expect(byEmail([holder(theirs, { firstName: 'Zoe', displayName: 'Zoe X' })], wanted).is).toBe('other')
    expect(byEmail([holder(theirs, {}, { lifecycleStatus: 'terminated' })], wanted).is).toBe('left')
    expect(byEmail([holder(theirs, nameless)], wanted).is).toBe('unverifiable')
    const slashed = holder(undefined, { '/home/privateEmail': { value: 'ada@example.com' } })
    expect(byEmail([slashed], wanted)).toEqual({ is: 'theirs', id: '90' })
  })

  it('of somebody else does not matter where the hire is found by their own address', () => {
    expect(byEmail([holder(anothers), shown()], wanted)).toEqual({ is: 'theirs', id: '77' })
    expect(byEmail([holder(theirs), shown()], wanted)).toEqual({ is: 'several', ids: ['90', '77'] })
  })

  it('counts only where one is made: a personal e-mail by itself finds nobody', () => {
    expect(byEmail([holder(theirs)])).toEqual({ is: 'nobody' })
    expect(byEmail([holder(theirs, { email: 'zoe@example.com' })], wanted)).toEqual({ is: 'nobody' })
  })
})

describe('the first name', () => {
  it.each([
    ['Ada', 'ADA'],
    ['Ada', ' ada '],
    ['\u200fAda', 'Ada'],
    ['Zoë', 'Zoe'],
    ['Søren', 'Soren'],
    ['Łukasz', 'Lukasz'],
    ['Strauß', 'STRAUSS'],
    ['İpek', 'Ipek'],
    ['Anna-Maria', 'Anna Maria'],
    ['Annamaria', 'Anna-Maria'],
    ['Anna\u00a0Maria', 'Anna Maria'],
    ["D'Arcy", 'D’Arcy'],
    ['Ada', 'Ada Maria'],
    ['Ada Maria Sofia', 'Ada Maria'],
    ['J. R.', 'J.R.'],
    ['Ａda', 'Ada'],
    ['Юлия', 'ЮЛИЯ'],
  ])('%j agrees with %j', (own, other) => {
    expect(bothWays(shown({ firstName: other, displayName: undefined }), hire({ firstNames: [own] }))).toBe(
      'theirs',
    )
  })

  it.each([
    ['Ada', 'Adam'],
    ['Ada', 'Maria Ada'],
    ['Ada Maria', 'Ada Sofia'],
    ['Omar', 'Jane'],
    ['Ann', 'Anna'],
    ['मोना', 'मीना'],
    ['-', 'Ada'],
    ['', 'Ada'],
  ])('%j does not agree with %j, whatever the surname (F3, W3)', (own, other) => {
    expect(bothWays(shown({ firstName: other, displayName: undefined }), hire({ firstNames: [own] }))).toBe(
      'other',
    )
  })

  it('the preferred name of the hire counts, and the display name of the employee', () => {
    expect(
      bothWays(
        shown({ firstName: 'Kit', displayName: 'Kit Example' }),
        hire({ firstNames: ['Christopher', 'Kit'] }),
      ),
    ).toBe('theirs')
    expect(
      bothWays(
        shown({ firstName: 'Christopher', displayName: 'Kit Example' }),
        hire({ firstNames: ['Kit'] }),
      ),
    ).toBe('theirs')
    expect(bothWays(shown({ displayName: 'Example, Kit' }), hire({ firstNames: ['Kit'] }))).toBe('theirs')
    expect(bothWays(shown({ displayName: 'Kit' }), hire({ firstNames: ['Kit'] }))).toBe('theirs')
  })

  it('a surname is never taken for a first name, on whichever side of the display name it stands', () => {
    const paul = { firstName: 'Paul', surname: 'Martin' }
    for (const displayName of ['Martin, Paul', 'Paul Martin', 'Martin Paul', 'Martin']) {
      expect(bothWays(shown({ ...paul, displayName }), hire({ firstNames: ['Martin'] }))).toBe('other')
    }
    const unknown = { firstName: 'Paul', surname: undefined, displayName: 'Martin Paul' }
    expect(bothWays(shown(unknown), hire({ firstNames: ['Martin'] }))).toBe('other')
  })

  it('one that is hidden or empty proves nothing', () => {
    for (const firstName of [undefined, null, '', ' ', '-']) {
      expect(byEmail([shown({ ...nameless, firstName })])).toEqual({
        is: 'unverifiable',
        ids: ['77'],
        hidden: ['root.firstName'],
      })
    }
    expect(byId(shown({ ...nameless, email: undefined }))).toMatchObject({ hidden: ['root.firstName'] })
  })

  it('of a leaver it is compared as well: whose record it is comes first', () => {
    const bob = shown(
      { firstName: 'Bob', displayName: 'Bob Example' },
      { status: 'Inactive', lifecycleStatus: 'terminated' },
    )
    expect(bothWays(bob)).toBe('other')
  })
})

describe('whether they have left', () => {
  const standing = (status: unknown, lifecycleStatus: unknown) => {
    const record = shown({}, { status, lifecycleStatus })
    return [bothWays(record), (byId(record) as { readonly hidden?: readonly string[] }).hidden ?? []]
  }

  it.each([
    'hired',
    'employed',
    'leave',
    'parental leave',
    'garden leave',
    'Parental_Leave',
    'GARDEN-LEAVE',
    'gardenLeave',
    'On leave',
  ])('%s is here, active or not (F11)', (lifecycle) => {
    for (const status of ['Active', 'Inactive', undefined])
      expect(standing(status, lifecycle)).toEqual(['theirs', []])
  })

  it.each(['terminated', 'Terminated '])('%s has left', (lifecycle) => {
    for (const status of ['Active', 'Inactive', undefined])
      expect(standing(status, lifecycle)).toEqual(['left', []])
  })

  it('who is active is here, when the lifecycle is hidden or one that we do not know', () => {
    expect(standing('active', undefined)).toEqual(['theirs', []])
    expect(standing('Active', 'sabbatical')).toEqual(['theirs', []])
  })

  it.each([
    [undefined, undefined, ['internal.status', 'internal.lifecycleStatus']],
    [null, '', ['internal.status', 'internal.lifecycleStatus']],
    ['Inactive', undefined, ['internal.lifecycleStatus']],
    [undefined, 'sabbatical', ['internal.status']],
    ['Inactive', 'sabbatical', []],
    ['pending', undefined, ['internal.lifecycleStatus']],
  ])('status %j and lifecycle %j do not tell: not adopted (F2)', (...[status, lifecycle, hidden]) => {
    expect(standing(status, lifecycle)).toEqual(['unverifiable', hidden])
  })
})
