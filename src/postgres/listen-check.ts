/** Whether notifications sent on the pool arrive where the service listens: a pooler in between can lose them. */
import { randomBytes } from 'node:crypto'

import type pg from 'pg'

import { systemClock } from '../base/clock.ts'
import { DatabaseClient } from './client.ts'
import { queryable } from './transaction.ts'

/** Far longer than a notification takes. */
const waitMilliseconds = 3000

/** Listens as the service does, on a channel of its own. Rejects when nothing answers there. */
export async function listenWorks(pool: pg.Pool, directUrl: string): Promise<boolean> {
  const channel = `heard_${randomBytes(6).toString('hex')}`
  const client = new DatabaseClient({
    connectionString: directUrl,
    application_name: 'pinpoint-webhooks doctor',
    connectionTimeoutMillis: 5000,
    query_timeout: 5000,
  })
  const received = Promise.withResolvers<boolean>()
  client.on('notification', () => received.resolve(true))
  // Without a listener a lost connection would end the process; then the notification does not arrive.
  client.on('error', () => received.resolve(false))
  const waiting = new AbortController()
  try {
    await client.connect()
    await client.query(`listen ${channel}`)
    await queryable(pool).query('select pg_notify($1, $2)', [channel, ''])
    const tooLate = systemClock.sleep(waitMilliseconds, waiting.signal).then(() => false)
    return await Promise.race([received.promise, tooLate])
  } finally {
    waiting.abort()
    await client.end()
  }
}
