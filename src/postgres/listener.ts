/** LISTEN on its own connection, which is reopened when it breaks. A missed notification costs at most a poll. */
import pg from 'pg'

import { type Clock, systemClock } from '../base/clock.ts'
import { type Loop, startLoop } from '../base/loop.ts'
import type { Log } from '../observe/log.ts'
import { createOutage } from '../observe/outage.ts'
import { DatabaseClient } from './client.ts'

export interface ListenerOptions<Channel extends string> {
  readonly channels: readonly Channel[]
  /** `origin`: the sender, if the notification names it. */
  readonly onNotification: (channel: Channel, origin: string) => void
  readonly log: Log
  readonly clock?: Clock
}

/** Calls back for each notification, and for every channel once after each (re)connection. */
export function startListener<Channel extends string>(url: string, options: ListenerOptions<Channel>): Loop {
  const { log, clock = systemClock } = options
  const outage = createOutage(log, {
    clock,
    began: 'listener connection lost; opening it again',
    over: 'listening again',
  })
  return startLoop({
    every: 500,
    clock,
    work: (closing) => listenUntilLost(url, options, { closing, listening: () => outage.worked() }),
    onError: (error) => outage.failed(error),
  })
}

async function listenUntilLost<Channel extends string>(
  url: string,
  { channels, onNotification }: ListenerOptions<Channel>,
  { closing, listening }: { readonly closing: AbortSignal; readonly listening: () => void },
): Promise<undefined> {
  const client = new DatabaseClient({
    connectionString: url,
    application_name: 'pinpoint-webhooks listener',
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: 5000,
  })
  const lost = new Promise<void>((resolve, reject) => {
    client.on('error', reject)
    client.on('end', resolve)
  })
  // Until it is awaited below, a loss while connecting must not be an unhandled rejection.
  lost.catch(() => {})
  client.on('notification', ({ channel, payload = '' }) => onNotification(channel as Channel, payload))
  await client.connect()
  const close = () => void client.end()
  closing.addEventListener('abort', close, { once: true })
  try {
    if (closing.aborted) await client.end()
    else for (const channel of channels) await client.query(`listen ${pg.escapeIdentifier(channel)}`)
    listening()
    for (const channel of channels) onNotification(channel, '')
    await lost
  } finally {
    closing.removeEventListener('abort', close)
  }
}
