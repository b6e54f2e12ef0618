/** LISTEN on a connection of its own, which is opened again when it breaks. A missed notification costs at most a poll. */
import pg from 'pg'

import { type Clock, systemClock } from '../base/clock.ts'
import { type Loop, startLoop } from '../base/loop.ts'
import type { Log } from '../observe/log.ts'
import { createOutage } from '../observe/outage.ts'
import { DatabaseClient } from './client.ts'

/** Told who has sent a notification, where it says so. */
export type OnNotification = (teller: string) => void

/** Calls a channel's function on each notification, and every function once after each (re)connection. */
export function startListener(
  url: string,
  channels: Readonly<Record<string, OnNotification>>,
  { log, clock = systemClock }: { readonly log: Log; readonly clock?: Clock },
): Loop {
  const outage = createOutage(log, {
    clock,
    began: 'listener connection lost; opening it again',
    over: 'listening again',
  })
  return startLoop({
    every: 500,
    clock,
    work: (closing) => listenUntilLost(url, channels, { closing, listening: () => outage.worked() }),
    onError: (error) => outage.failed(error),
  })
}

async function listenUntilLost(
  url: string,
  channels: Readonly<Record<string, OnNotification>>,
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
  // Until it is awaited below, a loss while connecting must not count as unhandled.
  lost.catch(() => {})
  client.on('notification', ({ channel, payload = '' }) => channels[channel]?.(payload))
  await client.connect()
  const close = () => void client.end()
  closing.addEventListener('abort', close, { once: true })
  try {
    if (closing.aborted) await client.end()
    else
      for (const channel of Object.keys(channels))
        await client.query(`listen ${pg.escapeIdentifier(channel)}`)
    listening()
    for (const call of Object.values(channels)) call('')
    await lost
  } finally {
    closing.removeEventListener('abort', close)
  }
}
