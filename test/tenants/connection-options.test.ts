import { describe, expect, it } from 'vitest'

import { attributeOf, commentSchema, writeBackSchema } from '../../src/tenants/connection-options.ts'

const problem = (text: unknown) =>
  commentSchema
    .safeParse(text)
    .error?.issues.map(({ message }) => message)
    .join('; ')

describe('the template of the comment', () => {
  it.each([
    '{record}',
    '{record}\n',
    '{record}\r\n{integration.title}',
    '{record}\n\n{record.url} {record.id} {job.title|lower} {offer.jobTitle}',
    undefined,
  ])('is taken: %j', (text) => {
    expect(problem(text)).toBeUndefined()
  })

  const alone = 'needs {record} alone on its first line: by it the service knows its own comment again'
  it.each([
    ['Welcome!', alone],
    ['Welcome! {record}', alone],
    ['{record} {record.url}', alone],
    ['{record}{record.url}', alone],
    ['{record|upper}\nHi', alone],
    ['{record.id}\nHi', alone],
    ['{job.title}\n{record}', alone],
  ])('needs the sentence by which it is known again: %s', (text, because) => {
    expect(problem(text)).toBe(because)
  })

  it.each([
    ['{record}\n{record.link}', 'names an unknown source "record.link"', 'record.id'],
    ['{record}\n{integration.titel}', 'names an unknown source "integration.titel"', 'integration.title'],
    ['{record}\n{job.titel}', 'names an unknown source "job.titel"', 'job.title'],
    ['{record}\n{job.title|uper}', 'names an unknown filter "uper"', 'upper'],
    ['{record}\n{default}', 'names an unknown source "default"', ''],
  ])('says what may have been meant: %s', (text, because, near) => {
    expect(problem(text)).toContain(because)
    expect(problem(text)).toContain(near)
  })

  it.each(['candidate.firstName', 'candidate.email', 'offer.salary.amount', 'application.custom["Size"]'])(
    'holds nothing of the person: %s',
    (source) => {
      expect(problem(`{record}\n{${source}}`)).toBe(
        `cannot use ${source}: Pinpoint mails comments to people, so they say nothing of the person`,
      )
    },
  )

  it.each(['job.division', 'job.custom["Cost centre"]'])('costs no call: %s', (source) => {
    expect(problem(`{record}\n{${source}}`)).toBe(
      `cannot use ${source}, which does not come along with every hire`,
    )
  })

  it.each([
    [''],
    ['{record'],
    ['{record}\n}'],
    [`{record}\n${'x'.repeat(500)}`],
    [7],
    [{ text: '{record}' }],
  ])('is refused: %j', (text) => {
    expect(problem(text)).toBeTruthy()
  })
})

it('Where the id of a record is written is the external reference, one custom attribute by its name, or nowhere', () => {
  const read = (given: unknown) => writeBackSchema.safeParse(given)
  expect(read('off').data).toBeUndefined()
  expect(attributeOf(read('externalReference').data)).toBeUndefined()
  expect(attributeOf(read({ customAttribute: ' HiBob: id ' }).data)).toBe('HiBob: id')
  for (const wrong of ['customAttribute:x', {}, { customAttribute: '' }, { customAttribute: 'x', more: 1 }])
    expect(read(wrong).success).toBe(false)
})
