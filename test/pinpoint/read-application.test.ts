/** Pinpoint's answers as they vary. */
import { describe, expect, it } from 'vitest'
import { ZodError } from 'zod'

import { readApplication, readJob } from '../../src/pinpoint/read-application.ts'
import { applicationAttributes } from '../../src/pinpoint/wire.ts'

const notIncluded = { meta: { included: false } }

const answer = (attributes: object = {}, rest: object = {}) => ({
  data: { id: '9000001', type: 'applications', attributes, ...rest },
})

describe('An application', () => {
  it('is read with the job, the stage, the offers and the custom attributes that were included', () => {
    const relationships = {
      job: { data: { type: 'jobs', id: '7' } },
      stage: { data: { type: 'stages', id: '3' } },
      offers: { data: [{ type: 'offers', id: '1' }] },
      custom_attributes: { data: [{ type: 'custom_attributes', id: '454' }] },
      answers: notIncluded,
    }
    const included = [
      {
        id: '7',
        type: 'jobs',
        attributes: { title: 'Engineer', visibility: 'confidential' },
        relationships: {},
      },
      { id: '3', type: 'stages', attributes: { basic_type: 'hired' } },
      {
        id: '1',
        type: 'offers',
        attributes: { result: 'accepted', start_on: '2027-01-04', job_title: null },
      },
      { id: '2', type: 'offers', attributes: { result: 'accepted', start_on: '2020-01-01' } },
      { id: '454', type: 'custom_attributes', attributes: { field_name: 'Colour', value: 'Maroon' } },
    ]
    const attributes = { first_name: ' Ada ', email: 'ada@example.com', job_id: '7', concealed: false }

    expect(readApplication({ ...answer(attributes, { relationships }), included, meta: {} })).toMatchObject({
      id: '9000001',
      firstName: 'Ada',
      email: 'ada@example.com',
      jobId: '7',
      stageType: 'hired',
      offers: [{ id: '1', result: 'accepted', startOn: '2027-01-04', jobTitle: undefined }],
      customAttributes: { Colour: 'Maroon' },
      job: { id: '7', title: 'Engineer', visibility: 'confidential', location: undefined },
    })
  })

  it.each([
    [{ is_demo: true }, true],
    [{ is_demo: false }, false],
    [{ is_demo: null }, false],
    [{ is_demo: {} }, false],
    [{ is_demo: 'false' }, false],
    [{}, false],
  ])('is demo data when Pinpoint says so: %j', (attributes, isDemo) => {
    expect(readApplication(answer(attributes)).isDemo).toBe(isDemo)
  })

  it('whose relations were not included has unknown offers, not none', () => {
    const relationships = { offers: notIncluded, stage: notIncluded, job: notIncluded }
    expect(readApplication(answer({}, { relationships }))).toMatchObject({
      offers: undefined,
      stageType: undefined,
      job: undefined,
    })
    expect(readApplication(answer({}, { relationships: { offers: { data: [] } } })).offers).toEqual([])
  })

  it('has no more of a name than a name can have, and no address that had to be cut', () => {
    const attributes = { first_name: 'x'.repeat(9000), email: `${'x'.repeat(9000)}@example.com` }
    const read = readApplication(answer(attributes))
    expect(read.firstName).toHaveLength(2000)
    expect(read.email).toBeUndefined()
  })

  it.each([
    ['attachments', answer({ attachments: Array.from({ length: 1001 }, () => ({})) })],
    ['resources beside it', { ...answer(), included: Array.from({ length: 1001 }, () => ({})) }],
  ])('with more than a thousand %s is unreadable, not one without them', (_what, json) => {
    expect(() => readApplication(json)).toThrow(ZodError)
  })

  it('is read when ids are numbers, values null and keys unknown', () => {
    const attributes = { job_id: 170001, phone: null, concealed: null, start_on: '', brand_new: { a: [1] } }
    const read = readApplication({ data: { id: 9000001, type: 'applications', attributes } })
    expect(read).toMatchObject({
      id: '9000001',
      jobId: '170001',
      phone: undefined,
      concealed: false,
      startOn: undefined,
    })
  })

  const attributes = {
    first_name: 'Ada',
    preferred_name: 'Adi',
    middle_name: 'Maria',
    job_id: '7',
    stage_id: '3',
  }
  const relationships = {
    job: { data: { id: '7' } },
    stage: { data: { id: '3' } },
    offers: { data: [{ id: '1' }] },
  }
  const data = { id: '9000001', type: 'applications', attributes, relationships }
  const included: readonly object[] = [
    { id: '7', type: 'jobs', attributes: { title: 'Engineer' } },
    { id: '3', type: 'stages', attributes: { basic_type: 'hired' } },
    { id: '1', type: 'offers', attributes: { result: 'accepted', start_on: '2027-01-04' } },
  ]
  const whole = { data, included, meta: {} }

  it('has the names by which people want to be called', () => {
    expect(readApplication(whole)).toMatchObject({ preferredName: 'Adi', middleName: 'Maria' })
    expect(readApplication(answer())).toMatchObject({ preferredName: undefined, middleName: undefined })
  })

  const odd = [null, [], {}, true, 7, 'odd', [null, { id: {} }]]
  it.each(odd)('is read, whatever else is %j', (value) => {
    const strange = [
      { ...whole, included: value, meta: value },
      ...['type', 'attributes', 'relationships'].map((member) => ({
        ...whole,
        data: { ...data, [member]: value },
      })),
      ...Object.keys(relationships).flatMap((name) =>
        [value, { data: value }].map((relation) => ({
          ...whole,
          data: { ...data, relationships: { ...relationships, [name]: relation } },
        })),
      ),
      ...included.flatMap((one, at) =>
        [value, { ...one, attributes: value, relationships: value }].map((replaced) => ({
          ...whole,
          included: [...included.slice(0, at), replaced, ...included.slice(at + 1)],
        })),
      ),
      ...Object.keys(applicationAttributes.shape).map((member) => ({
        ...whole,
        data: { ...data, attributes: { ...attributes, [member]: value } },
      })),
    ]
    expect(strange.map((answer) => readApplication(answer).id)).toEqual(strange.map(() => '9000001'))
  })

  it('is the only one in a list of one, and so is what it is related to', () => {
    const odd = { ...relationships, job: { data: [{ id: '7' }] }, offers: { data: { id: '1' } } }
    const listed = { ...whole, data: [{ ...data, attributes: {}, relationships: odd }] }
    expect(readApplication(listed)).toMatchObject({ id: '9000001', job: { id: '7' }, offers: [{ id: '1' }] })
  })

  it('is concealed, and of somebody who works there already, unless Pinpoint denies it', () => {
    const read = (said: unknown) => readApplication(answer({ concealed: said, internal_candidate: said }))
    for (const denied of [undefined, null, false, 0, '', 'false']) {
      expect(read(denied)).toMatchObject({ concealed: false, internalCandidate: false })
    }
    for (const said of [true, 1, 'true', {}, ['odd']]) {
      expect(read(said)).toMatchObject({ concealed: true, internalCandidate: true })
    }
  })

  it('holds nothing invisible in its e-mail and names (W23)', () => {
    const attributes = {
      first_name: '\u200fAda\u2060',
      last_name: 'van\u00a0\u00a0Berg\u00ad',
      preferred_name: '\ufeff',
      email: ' ada@exam\u200bple.com\u200b\u00a0',
    }
    expect(readApplication(answer(attributes))).toMatchObject({
      firstName: 'Ada',
      lastName: 'van Berg',
      preferredName: undefined,
      email: 'ada@example.com',
    })
    // In these scripts a joiner is part of the spelling.
    expect(readApplication(answer({ first_name: 'سپیده\u200cدم', last_name: 'Zo\u200dë' }))).toMatchObject({
      firstName: 'سپیده\u200cدم',
      lastName: 'Zoë',
    })
  })

  it.each([
    [true, 'true'],
    [7.5, '7.5'],
    [['A', 'B', 3], 'A, B, 3'],
    [{ amount: 1 }, '{"amount":1}'],
    [[{ amount: 1 }, null, ''], '{"amount":1}'],
    [[null, ''], undefined],
    [{}, undefined],
    [null, undefined],
    ['', undefined],
  ])('has the custom attribute %j as text, whatever its type (W10)', (value, read) => {
    const relationships = { custom_attributes: { data: [{ id: '1' }, { id: '2' }] } }
    const included = [
      { id: '1', type: 'custom_attributes', attributes: { field_name: 'Odd', value } },
      { id: '2', type: 'custom_attributes', attributes: { field_name: 'Colour', value: 'Maroon' } },
    ]
    const { customAttributes } = readApplication({ ...answer({}, { relationships }), included })
    expect(customAttributes).toEqual({ ...(read !== undefined && { Odd: read }), Colour: 'Maroon' })
  })

  it.each([
    [{ context: null, filename: 'x.pdf', url: 'https://files.example.com/x' }],
    [null],
    ['https://files.example.com/x'],
    [[]],
  ])('has the CV beside an attachment like %j (W11)', (strange) => {
    const cv = { context: 'pdf_cv', filename: 'cv.pdf', url: 'https://files.example.com/cv' }
    expect(readApplication(answer({ attachments: [strange, cv] })).attachments).toEqual([cv])
    expect(readApplication(answer({ attachments: strange })).attachments).toEqual([])
  })

  it('has its attachments, also those whose file is not there yet', () => {
    const attachments = [
      { context: 'pdf_cv', filename: 'cv.pdf', url: 'https://files.example.com/1', size: 3 },
      { context: 'cv', filename: null, url: 'https://files.example.com/2' },
      { context: 'cv', filename: 'cv.doc', url: null },
      { context: 'pdf_cv', filename: 'x.pdf', url: ' ' },
      { context: 'pdf_cv', filename: 'y.pdf', url: { href: 'https://files.example.com/y' } },
    ]
    expect(readApplication(answer({ attachments })).attachments).toEqual([
      { context: 'pdf_cv', filename: 'cv.pdf', url: 'https://files.example.com/1' },
      { context: 'cv', filename: '', url: 'https://files.example.com/2' },
      { context: 'cv', filename: 'cv.doc', url: undefined },
      { context: 'pdf_cv', filename: 'x.pdf', url: undefined },
      { context: 'pdf_cv', filename: 'y.pdf', url: undefined },
    ])
  })

  it.each([
    [undefined],
    [{}],
    [{ data: null }],
    [{ data: { type: 'applications' } }],
    [{ data: [] }],
    [{ data: [answer().data, answer().data] }],
    [{ data: { ...answer().data, id: null } }],
    [{ data: { ...answer().data, id: ' ' } }],
  ])('is not made up from %j', (strange) => expect(() => readApplication(strange)).toThrow(ZodError))
})

it('A job is read with its location and department', () => {
  const named = (type: string, name: string) => ({ id: '1', type, attributes: { name } })
  const relationships = { location: { data: { id: '1' } }, department: { data: { id: '1' } } }
  const included = [named('departments', 'Engineering'), named('locations', 'Springfield')]
  const data = { id: 7, type: 'jobs', attributes: { title: 'Engineer' }, relationships }
  expect(readJob({ data, included })).toMatchObject({
    id: '7',
    location: 'Springfield',
    department: 'Engineering',
  })
})
