/** What is optional is tried a few times and then left; what concerns the whole run is not its business. */
import { describe, expect, it } from 'vitest'

import { secondsAfter } from '../../src/base/clock.ts'
import { type Failure, NeedsPerson, Refused, RetryLater, WriteRefused } from '../../src/base/failure.ts'
import { tryOptional } from '../../src/effects/optional.ts'
import type { JournalStep } from '../../src/runs/ports.ts'
import type { JournalEntry } from '../../src/runs/run.ts'

const now = new Date('2026-11-24T08:00:00Z')
const clock = { now: () => now, sleep: () => Promise.resolve() }
const lease = { run: 'run_1', token: 'job:1' } as const
const gone = new RetryLater('file.not_available', 'The file could not be fetched (404).')

/** Attempts of one run, each with the journal that the one before has left. */
function attempts(firstFailedAt?: Date) {
  const journal = new Map<string, JournalEntry>()
  const write = (_: unknown, step: JournalStep) => {
    journal.set(step.title, step)
    return Promise.resolve()
  }
  return {
    journal,
    tried: async (
      error: Error | undefined,
    ): Promise<{ readonly left?: Failure | undefined; readonly thrown?: unknown }> => {
      const run = { lease: lease as never, attempt: 1, journal: new Map(journal), firstFailedAt }
      const work = async () => {
        await Promise.resolve()
        if (error !== undefined) throw error
      }
      try {
        return { left: await tryOptional({ journal: { write }, clock }, run, { title: 'CV', work }) }
      } catch (thrown) {
        return { thrown }
      }
    },
  }
}

describe('What is optional', () => {
  it('is tried six times over 14 minutes, then left (W7)', async () => {
    const { tried, journal } = attempts()
    for (const wait of [5, 20, 60, 120, 600]) {
      expect((await tried(gone)).thrown).toMatchObject({ code: gone.code, after: secondsAfter(now, wait) })
    }
    expect(await tried(gone)).toEqual({ left: gone })
    expect([...journal].map(([title, { outcome }]) => `${title}: ${outcome}`)).toEqual([
      'CV, tries that failed: 6 (file.not_available)',
    ])
    expect(await tried(undefined)).toEqual({ left: undefined })
  })

  it('waits as long as it is asked to, but not for hours', async () => {
    const busy = (seconds: number) =>
      new RetryLater('file.not_available', 'Later.', { after: secondsAfter(now, seconds) })
    expect((await attempts().tried(busy(300))).thrown).toMatchObject({ after: secondsAfter(now, 300) })
    expect((await attempts().tried(busy(3600))).left).toMatchObject({ code: 'file.not_available' })
  })

  it.each([
    ['a person must see to it', new NeedsPerson('hibob.documents_denied', 'No.', { fix: 'Grant it.' })],
    ['it can never succeed', new Refused('hibob.cv_empty', 'Empty.')],
  ])('is left at once where %s (F8)', async (_, error) => {
    expect(await attempts().tried(error)).toEqual({ left: error })
  })

  it('an unclear call counts as a try, and is looked at when ensure says', async () => {
    const after = secondsAfter(now, 50)
    const unclear = new RetryLater('runs.outcome_unclear', 'Unclear.', {
      after,
      kind: 'unclear',
      outcome: 'unclear',
    })
    const { tried } = attempts()
    for (let number = 1; number <= 5; number++) expect((await tried(unclear)).thrown).toBe(unclear)
    expect(await tried(unclear)).toEqual({ left: unclear })
  })

  it('a limit is waited out, for a day', async () => {
    const limited = new RetryLater('hibob.rate_limited', 'Later.', {
      kind: 'rate_limit',
      after: secondsAfter(now, 60),
    })
    expect((await attempts(secondsAfter(now, -3600)).tried(limited)).thrown).toBe(limited)
    const dayAgo = secondsAfter(now, -90_000)
    expect((await attempts(dayAgo).tried(limited)).left).toBe(limited)
    const ownLimit = new RetryLater('hibob.rate_limited', 'Later.', { kind: 'permit' })
    expect((await attempts(dayAgo).tried(ownLimit)).thrown).toBe(ownLimit)
  })

  it.each([
    ['a bug', new TypeError('x is not a function')],
    [
      'refused credentials',
      new NeedsPerson('hibob.credentials_refused', 'No.', { fix: 'x', pausesConnection: true }),
    ],
    ['a database that is away', new RetryLater('store.database_away', 'Away.', { kind: 'database' })],
    ['a call that only a real run makes', new WriteRefused('outbound.read_only', 'Reads only.')],
  ])('%s is the business of the whole run', async (_, error) => {
    expect(await attempts().tried(error)).toEqual({ thrown: error })
  })
})
