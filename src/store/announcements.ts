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

export function createAnnouncements(pool: pg.Pool, log: Log): Announcements {
  const client = queryable(pool)
  const channels = new Set<string>()
  let telling: Promise<void> | undefined

  async function tellAll(): Promise<void> {
    while (channels.size > 0) {
      const told = [...channels]
      channels.clear()
      await client
        .query(`select pg_notify(channel, '') from unnest($1::text[]) as channel`, [told])
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
