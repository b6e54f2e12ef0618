/**
 * Tells other processes of what was committed: the first time at once, and while more comes up every few milliseconds of all
 * of it. Nobody waits for it: what is not told of is found by the next poll.
 */
import type pg from 'pg'

import { systemClock } from '../base/clock.ts'
import { type Log, safeError } from '../observe/log.ts'
import { queryable } from './transaction.ts'

/** Far less than a worker elsewhere would notice, and long enough for many webhooks of a busy moment. */
const pauseMilliseconds = 50

export interface Announcements {
  make(channels: readonly string[]): void
  /** Resolves when nothing is left to tell. */
  made(): Promise<void>
}

/** Named in what it tells, so that it can leave alone what it has told itself. */
export interface AnnouncementsOptions {
  readonly origin: string
  readonly log: Log
}

export function createAnnouncements(pool: pg.Pool, { origin, log }: AnnouncementsOptions): Announcements {
  const client = queryable(pool)
  const channels = new Set<string>()
  let telling: Promise<void> | undefined

  async function tellAll(): Promise<void> {
    while (channels.size > 0) {
      const told = [...channels]
      channels.clear()
      await client
        .query(`select pg_notify(channel, $2) from unnest($1::text[]) as channel`, [told, origin])
        .catch((error: unknown) => log.warn(safeError(error), 'workers were not told of new jobs'))
      await systemClock.sleep(pauseMilliseconds)
    }
    telling = undefined
  }

  return {
    make(more) {
      for (const channel of more) channels.add(channel)
      if (channels.size > 0) telling ??= tellAll()
    },
    made: async () => telling,
  }
}
