/** Answers that are kept for a while: how old one may be is for its reader to say. */
import { describe, expect, it } from 'vitest'

import { createCachedReads } from '../../src/worker/cached-reads.ts'

function opened() {
  const now = new Date('2026-11-24T08:00:00Z')
  const reads = createCachedReads({ now: () => new Date(now), sleep: () => Promise.resolve() })
  let answers = 0
  return {
    reads,
    answer: () => Promise.resolve(++answers),
    pass: (seconds: number) => void now.setSeconds(now.getSeconds() + seconds),
  }
}

describe('A kept answer', () => {
  it('serves whoever takes one of its age', async () => {
    const { reads, answer, pass } = opened()
    const cached = reads('one')
    expect(await cached('list', 600, answer)).toBe(1)
    pass(40)
    expect(await cached('list', 600, answer)).toBe(1)
    expect(await cached('list', 30, answer)).toBe(2)
    // What was read for one reader is there for all.
    expect(await reads('one')('list', 600, answer)).toBe(2)
    pass(601)
    expect(await cached('list', 600, answer)).toBe(3)
  })

  it('of another scope is another one, and a failure is none', async () => {
    const { reads, answer } = opened()
    expect(await reads('one')('list', 600, answer)).toBe(1)
    expect(await reads('other')('list', 600, answer)).toBe(2)
    await expect(reads('one')('odd', 600, () => Promise.reject(new Error('away')))).rejects.toThrow('away')
    expect(await reads('one')('odd', 600, answer)).toBe(3)
  })

  it('is read again once by whoever reads afresh', async () => {
    const { reads, answer } = opened()
    await reads('one')('list', 600, answer)
    const afresh = reads('one', { afresh: true })
    expect(await afresh('list', 600, answer)).toBe(2)
    expect(await afresh('list', 30, answer)).toBe(2)
  })
})
