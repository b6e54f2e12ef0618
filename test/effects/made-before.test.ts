import { describe, expect, it } from 'vitest'

import { recordsTold } from '../../src/effects/comment.ts'
import { createMadeBefore } from '../../src/effects/made-before.ts'
import type { Effect } from '../../src/sdk/ensure.ts'

const now = new Date('2026-11-24T12:00:00Z')
const clock = { now: () => now, sleep: () => Promise.reject(new Error('nobody sleeps')) }
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000)

const effect: Effect = {
  title: 'Thing',
  kind: 'thing',
  key: 'ada@example.com',
  readLagSeconds: 0,
  find: () => Promise.resolve(undefined),
  make: () => Promise.reject(new Error('nothing is made here')),
}

async function* commentsOf(texts: readonly string[]) {
  for (const [index, text] of texts.entries()) yield { id: String(index), text }
}

/** What is answered, and what was asked for it. */
async function ask(given: {
  readonly comments: readonly string[]
  readonly hiredAt?: Date
  readonly triggeredAt: Date
  readonly findById?: Effect['findById']
}) {
  const asked: string[] = []
  const pinpoint = {
    comments(application: string) {
      asked.push(`comments of ${application}`)
      return commentsOf(given.comments)
    },
  }
  const findById = async (id: string) => {
    asked.push(id)
    return id.startsWith('h') ? { id } : undefined
  }
  const madeBefore = createMadeBefore(
    { pinpoint, clock },
    { id: '9000001', hiredAt: given.hiredAt?.toISOString() },
    given.triggeredAt,
  )
  const answer = await madeBefore('findById' in given ? effect : { ...effect, findById })
  return { answer, asked }
}

describe('a record that a comment on the application tells of', () => {
  it('is taken, the newest first, when the destination has it', async () => {
    const comments = ['Record created with ID: h1', 'Record found with ID: h2', 'Record created with ID: 117']
    expect(await ask({ comments, triggeredAt: minutesAgo(60) })).toEqual({
      answer: { id: 'h2', how: 'found' },
      asked: ['comments of 9000001', '117', 'h2'],
    })
    expect(await ask({ comments: comments.slice(0, 1), triggeredAt: minutesAgo(60) })).toMatchObject({
      answer: { id: 'h1', how: 'adopted' },
    })
  })

  it.each([
    ['is not asked for while the hire is fresh', minutesAgo(9), minutesAgo(9), 0],
    ['is asked for when a sweep has just made the event of an old hire', minutesAgo(0), minutesAgo(11), 1],
    ['is asked for when only the event is old', minutesAgo(11), undefined, 1],
  ])('%s', async (...[_what, triggeredAt, hiredAt, calls]) => {
    const { answer, asked } = await ask({ comments: [], triggeredAt, ...(hiredAt && { hiredAt }) })
    expect([answer, asked.length]).toEqual([undefined, calls])
  })

  it('is not asked for by an integration that could not look it up', async () => {
    const comments = ['Record created with ID: h1']
    const { answer, asked } = await ask({ comments, triggeredAt: minutesAgo(60), findById: undefined })
    expect([answer, asked]).toEqual([undefined, []])
  })

  it('is read only from a comment whose first line is exactly ours', async () => {
    const texts = [
      'Record created with ID: 1',
      ' Record found with ID: 2\n',
      'Is "Record created with ID: 3" right?',
      'Record created with ID: 4 and 5',
      'record created with id: 6',
      'Record created with ID: 1',
      'Record created with ID: 7\r\nHiBob: https://example.com/7',
      'Look:\nRecord created with ID: 8',
    ]
    const told = await recordsTold(commentsOf(texts))
    expect(told.map(({ id }) => id)).toEqual(['7', '1', '2'])
  })
})
