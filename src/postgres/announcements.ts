/**
 * Notifies other processes of what was committed: at once the first time, then every few milliseconds while more is
 * committed. Nothing waits for it: a notification that is lost is made up for by the next poll.
 */
import type pg from 'pg'

import { systemClock } from '../base/clock.ts'
import { type Log, safeError } from '../observe/log.ts'
import { queryable } from './transaction.ts'

/** Far less than a worker elsewhere would notice, and long enough to gather many webhooks under load. */
const pauseMilliseconds = 50

export interface Announcements {
  make(channels: readonly string[]): void
  /** Resolves when nothing is left to announce. */
  made(): Promise<void>
}

/** The origin is part of each notification, so that a process can ignore its own. */
export interface AnnouncementsOptions {
  readonly origin: string
  readonly log: Log
}

export function createAnnouncements(pool: pg.Pool, { origin, log }: AnnouncementsOptions): Announcements {
  const client = queryable(pool)
  const channels = new Set<string>()
  let announcing: Promise<void> | undefined

  async function announceAll(): Promise<void> {
    while (channels.size > 0) {
      const batch = [...channels]
      channels.clear()
      await client
        .query(`select pg_notify(channel, $2) from unnest($1::text[]) as channel`, [batch, origin])
        .catch((error: unknown) => log.warn(safeError(error), 'workers were not notified of new jobs'))
      await systemClock.sleep(pauseMilliseconds)
    }
    announcing = undefined
  }

  return {
    make(more) {
      for (const channel of more) channels.add(channel)
      if (channels.size > 0) announcing ??= announceAll()
    },
    made: async () => announcing,
  }
}
