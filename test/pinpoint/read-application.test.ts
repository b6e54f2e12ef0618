/** Pinpoint's answers as they vary. */
import { describe, expect, it } from 'vitest'
import { ZodError } from 'zod'

import { readApplication, readJob } from '../../src/pinpoint/read-application.ts'

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

  it('whose relations were not included has unknown offers, not none', () => {
    const relationships = { offers: notIncluded, stage: notIncluded, job: notIncluded }
    expect(readApplication(answer({}, { relationships }))).toMatchObject({
      offers: undefined,
      stageType: undefined,
      job: undefined,
    })
    expect(readApplication(answer({}, { relationships: { offers: { data: [] } } })).offers).toEqual([])
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

  it('has the attachments that can be fetched', () => {
    const attachments = [
      { context: 'pdf_cv', filename: 'cv.pdf', url: 'https://files.example.com/1', size: 3 },
      { context: 'cv', filename: null, url: 'https://files.example.com/2' },
      { context: 'cv', filename: 'cv.doc', url: null },
    ]
    expect(readApplication(answer({ attachments })).attachments).toEqual([
      { context: 'pdf_cv', filename: 'cv.pdf', url: 'https://files.example.com/1' },
      { context: 'cv', filename: '', url: 'https://files.example.com/2' },
    ])
  })

  it.each([
    [undefined],
    [{}],
    [{ data: null }],
    [{ data: { type: 'applications' } }],
    [answer({ email: {} })],
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
