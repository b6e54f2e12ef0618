// What the comment says: our sentence, byte for byte, and below it what the connection's template adds.
import { describe, expect, it } from 'vitest'

import { commentEffect } from '../../src/effects/comment.ts'
import { openTextOfComment } from '../../src/effects/comment-text.ts'
import { hireOn } from '../../src/mapping/of-job.ts'

const job = {
  id: '7',
  title: 'Software  Engineer',
  visibility: 'external',
  location: undefined,
  department: 'R&D',
}
const hire = { application: hireOn(job) }
const created = { id: '33', how: 'created' } as const

function textOf(template?: string, url: string | undefined = 'https://app.hibob.com/employee-profile/33') {
  const text = openTextOfComment({ template, integration: 'HiBob', urlOf: () => url })
  return text(created, hire)
}

describe('the text of the comment', () => {
  it('is the sentence and nothing else without a template', () => {
    expect(textOf()).toEqual({ text: 'Record created with ID: 33', gap: undefined })
    expect(textOf('{record}').text).toBe('Record created with ID: 33')
  })

  it('has what the template adds below the sentence', () => {
    expect(
      textOf('{record}\n{integration.title|upper}: {record.url}\n{job.title}, {job.department}').text,
    ).toBe(
      'Record created with ID: 33\nHIBOB: https://app.hibob.com/employee-profile/33\nSoftware Engineer, R&D',
    )
  })

  it.each([
    ['{record}\n{record.url}', 'There is no record.url.'],
    ['{record}\nIn {job.location}', 'Pinpoint has no value of job.location.'],
  ])('has its first line only where a value is missing, and says which: %s', (template, gap) => {
    const text = openTextOfComment({ template, integration: 'HiBob', urlOf: () => undefined })
    expect(text(created, hire)).toEqual({ text: 'Record created with ID: 33', gap })
  })

  it('is the sentence where another version has stored a template that this one cannot read', () => {
    expect(textOf('{record.name}').text).toBe('Record created with ID: 33')
  })

  it('is known again whatever the template says now, and whatever it said then', async () => {
    const templates = [undefined, '{record}\n{integration.title}: {record.url}', '{record}\nWelcome!']
    for (const then of templates)
      for (const now of templates) {
        const comments = [{ id: '1', text: textOf(then).text }]
        const pinpoint = {
          async *comments() {
            yield* comments
          },
          comment: () => Promise.reject(new Error('a second comment')),
        }
        const effect = commentEffect(
          pinpoint,
          { id: '9', came: comments },
          { ...created, text: textOf(now).text },
        )
        expect([await effect.find(), effect.firstFind]).toMatchObject([{ id: '1' }, { found: { id: '1' } }])
      }
  })
})
