/** What is read of HiBob's refusals, in all three shapes, and what a person is told to do about a refused employee. */
import { describe, expect, it } from 'vitest'

import { createRefused, isTakenEmail } from '../../src/integrations/hibob/create-refused.ts'
import { invisibleCharacters, oddCharacters } from '../../src/integrations/hibob/odd-characters.ts'
import { readHibobRefusal } from '../../src/integrations/hibob/refusals.ts'

describe('HiBob’s refusals (F8b)', () => {
  it.each([
    ['a wrong token', 401, { key: 'tokenNotMatch', error: 'x' }, 'credentials'],
    ['a sentence without a right', 401, { errorMessage: 'Unauthorized' }, 'credentials'],
    ['a right, with 401', 401, { errorMessage: 'No permissions to view documents' }, 'permission'],
    ['a right, by its key', 401, { key: 'permissions.missing', error: 'x' }, 'permission'],
    ['a right, with 403', 403, { key: 'forbidden', error: 'x' }, 'permission'],
    ['a field', 400, { errors: { 'work.title': { error: 'invalid', message: 'x' } } }, 'request'],
    ['something else', 404, { key: 'employee.notfound', error: 'x' }, 'request'],
  ] as const)('%s', (...[, status, body, blames]) => {
    expect(readHibobRefusal(status, body)?.blames).toBe(blames)
  })

  it.each([
    [undefined],
    [null],
    ['text'],
    [[]],
    [{}],
    [{ message: 'Forbidden' }],
    [{ errors: {} }],
    [{ key: 7 }],
  ])('%j is none of HiBob', (body) => {
    expect(readHibobRefusal(403, body)).toBeUndefined()
  })

  it('field ids and codes are read, at most five, and no prose', () => {
    const said = (body: object) => readHibobRefusal(400, body)?.objections
    expect(said({ key: 'validations.work.site.invalid', error: 'No site Ada' })).toEqual([
      { field: 'work.site', code: 'validations.work.site.invalid' },
    ])
    expect(said({ errors: { 'work.title': { error: 'invalid', message: 'x' }, email: 'taken' } })).toEqual([
      { field: 'work.title', code: 'invalid' },
      { field: 'email', code: 'taken' },
    ])
    expect(said({ errors: { surname: { error: 'Ada Example is too long' } } })).toEqual([
      { field: 'surname' },
    ])
    expect(said({ errors: { 'ada@example.com': { error: 'taken' } } })).toEqual([{ code: 'taken' }])
    expect(said({ errorMessage: 'Ada Example is wrong' })).toEqual([])
    const sentence =
      'Invalid work.title, home.privateEmail. ada@work.example and work.ada of Ada are unknown.'
    expect(said({ errorMessage: sentence })).toEqual([
      { field: 'work.title' },
      { field: 'home.privateEmail' },
    ])
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`field${at}`, { error: 'no' }]))
    expect(said({ errors: many })).toHaveLength(5)
  })
})

describe('However HiBob spells it', () => {
  const fields = (body: object) => readHibobRefusal(422, body)?.objections.map(({ field }) => field)

  it.each([
    [
      'category by category',
      { errors: { work: { title: { error: 'invalid' } }, home: { privateEmail: ['x'] } } },
    ],
    ['as a path', { errors: { '$.work.title': 'invalid', '#/home/privateEmail': { message: 'x' } } }],
    ['with brackets', { errors: { "work['title']": {}, 'home[privateEmail]': null } }],
    ['in the sentence beside a key', { key: 'bad.request', error: 'work.title, home.privateEmail: no.' }],
  ])('a field is read: %s', (_, body) => {
    expect(fields(body)).toEqual(['work.title', 'home.privateEmail'])
  })

  it.each([
    { key: 'validations.email.alreadyexists', error: 'x', args: ['ada@example.com'] },
    { key: 'conflict', error: 'Email ada@example.com already exists' },
    { errorMessage: 'Email ada@example.com already exists' },
    { errorMessage: 'This e-mail is in use.' },
    { errors: { email: { error: 'invalid', message: 'Email ada@example.com already exists' } } },
    { errors: { 'root.email': 'Email ada@example.com already exists' } },
    { errors: { root: { email: { key: 'not.unique' } } } },
  ])('%j is an e-mail that is taken', (body) => {
    expect(isTakenEmail(answerOf(400, body))).toBe(true)
    expect(JSON.stringify(readHibobRefusal(400, body))).not.toContain('ada')
  })

  it.each([
    [400, { errors: { 'home.privateEmail': { error: 'alreadyexists' } } }],
    [400, { errors: { 'emergency.email': { message: 'already exists' } } }],
    [400, { errors: { email: { error: 'invalid', message: 'is no address' } } }],
    [400, { errorMessage: 'Employee id already exists' }],
    [409, { errors: { 'work.employeeIdInCompany': { error: 'duplicate' } } }],
  ])('%i %j is not', (status, body) => {
    expect(isTakenEmail(answerOf(status, body))).toBe(false)
  })

  it('a conflict that names nothing is about the one thing that is unique', () => {
    expect(isTakenEmail(answerOf(409, { errorMessage: 'Conflict' }))).toBe(true)
  })
})

function answerOf(status: number, json: object) {
  const refusal = readHibobRefusal(status, json)
  return { status, contentType: 'application/json', json, ...(refusal && { refusal }) }
}

describe('A refused employee', () => {
  const hire = {
    firstName: 'Ada',
    surname: 'Example',
    email: 'ada@example.com',
    startDate: '2027-01-04',
    site: 'Atlantis',
    title: 'Designer',
    department: 'Sales',
    privateEmail: 'ada@example.com',
  }
  const refused = (body: object, change: Partial<typeof hire> = {}) => {
    const refusal = readHibobRefusal(400, body)
    return createRefused(
      { status: 400, contentType: 'application/json', json: body, ...(refusal && { refusal }) },
      { ...hire, ...change },
    )
  }
  const errors = (...fields: string[]) => ({
    errors: Object.fromEntries(fields.map((field) => [field, { error: 'invalid', message: 'x' }])),
  })

  it.each([
    ['work.site', 'connection', /`site` or `sites` of the connection/],
    ['work.siteId', 'connection', /`site` or `sites` of the connection/],
    ['work.title', 'record', /does not take the title: add it/],
    ['work.department', 'record', /department "Sales"/],
    ['work.startDate', 'record', /start date/],
    ['email', 'record', /e-mail of the application/],
    ['root.surname', 'record', /last name/],
    ['payroll.employment.type', 'connection', /sent without payroll\.employment\.type: map it/],
  ])('%s: the fix is about it, and about nothing else', (field, resumesOn, fix) => {
    const failure = refused(errors(field))
    expect(failure).toMatchObject({ code: 'hibob.create_refused', resumesOn, fields: [field] })
    expect(failure.message).toContain(field)
    expect(failure.fix).toMatch(fix)
    expect(failure.fix.match(/Correct the|does not take|Look at|sent without/g)).toHaveLength(1)
  })

  it('without a field all is named that it can be', () => {
    const failure = refused({ errorMessage: 'x' })
    expect(failure.message).toBe('HiBob refused the new employee: no reason given.')
    expect(failure.fix).toMatch(/names.*e-mail.*start date.*site.*title.*department/)
  })

  it('an invisible character is named, the name is not (W23)', () => {
    const failure = refused(errors('firstName', 'email'), {
      firstName: 'A\u200bda 2',
      email: 'ada@example.com\u200b',
    })
    expect(failure.fix).toContain('U+200B ZERO WIDTH SPACE, U+0032 (a digit)')
    expect(failure.fix).toContain('it holds U+200B ZERO WIDTH SPACE')
    expect(`${failure.message} ${failure.fix} ${JSON.stringify(failure.details)}`).not.toMatch(/A.?da|ada@/)
  })

  it('of what HiBob quotes only values of the company’s lists are shown', () => {
    const quoted = {
      key: 'validations.invalid',
      error: 'x',
      args: ['Atlantis', 'Example', 'ada@example.com'],
    }
    expect(refused(quoted).message).toBe('HiBob refused the new employee: validations.invalid, "Atlantis".')
  })
})

describe('Odd characters', () => {
  it.each([
    ['Zoë O’Brien-Łukasz, Jr. (x)', []],
    ['Søren\u00a0Ö', ['U+00A0 NO-BREAK SPACE']],
    ['Ada\u{1f600}', ['U+1F600 (a symbol)']],
    ['Ada\u0007', ['U+0007 (a control character)']],
    ['123456789', ['U+0031', 'U+0032', 'U+0033', 'U+0034', 'U+0035'].map((code) => `${code} (a digit)`)],
  ])('%j', (name, odd) => {
    expect(oddCharacters(name)).toEqual(odd)
  })

  it('of an address only those that nobody sees', () => {
    expect(invisibleCharacters('a2+b@example.com\u2060')).toEqual(['U+2060 WORD JOINER'])
  })
})
