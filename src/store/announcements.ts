/**
 * Tells other processes of what was committed. One telling is under way, and one more for all that came up meanwhile. Nobody
 * waits for it: what is not told of is found by the next poll.
 */
import type pg from 'pg'

import { type Log, safeError } from '../observe/log.ts'
import { queryable } from './transaction.ts'

export interface Announcements {
  make(channels: readonly string[]): void
  /** Resolves when nothing is left to tell. */
  made(): Promise<void>
}

/** Named in what it tells, so that it can leave alone what it has told itself. */
export interface AnnouncementsOptions {
  readonly teller: string
  readonly log: Log
}

export function createAnnouncements(pool: pg.Pool, { teller, log }: AnnouncementsOptions): Announcements {
  const client = queryable(pool)
  const channels = new Set<string>()
  let telling: Promise<void> | undefined

  async function tellAll(): Promise<void> {
    while (channels.size > 0) {
      const told = [...channels]
      channels.clear()
      await client
        .query(`select pg_notify(channel, $2) from unnest($1::text[]) as channel`, [told, teller])
        .catch((error: unknown) => log.warn(safeError(error), 'workers were not told of new jobs'))
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
