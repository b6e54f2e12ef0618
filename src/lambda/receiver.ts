/**
 * The warm resources of the receive function: the database, the HTTP app, the invoker. They are frozen until the next
 * request, so nothing in them runs by itself, and they are checked before they are used again.
 */
import { randomUUID } from 'node:crypto'

import type { Hono } from 'hono'

import { openStore, type Store } from '../app/store.ts'
import { createApps } from '../app/web.ts'
import { systemClock } from '../base/clock.ts'
import type { Config } from '../config/environment.ts'
import { dispatchAll } from '../dispatch/dispatcher.ts'
import { createTenantDirectory } from '../intake/directory.ts'
import type { Quarantine } from '../intake/ports.ts'
import type { Log } from '../observe/log.ts'
import { createMetrics } from '../observe/metrics.ts'
import { answers } from '../postgres/readiness.ts'
import { createWakeUps } from '../queue/wake-ups.ts'
import type { Invoker } from './invoke.ts'

/** A function instance has one request at a time, and some requests read while they write. */
const poolSize = 2

/** A write after the answer would be frozen with the instance. Pinpoint sends again, and a sweep finds the hire. */
const noQuarantine: Quarantine = { refused: () => undefined, verified: () => undefined }

export interface Receiver {
  readonly app: Hono
  /** Whether the database still answers on connections that were frozen. */
  isAlive(): Promise<boolean>
  /** Invokes the work function if this request made work. */
  readonly invokeIfDue: () => Promise<void>
  close(): Promise<void>
}

/** An instance without a request for this long is probably gone. */
const aliveSeconds = 3600
const noteEveryMilliseconds = 60_000

/** A frozen instance gives no sign of life, so it does when it is used. */
async function createPresence({ processes, sealer }: Store): Promise<() => Promise<void>> {
  const process = { name: `lambda/${randomUUID()}`, role: 'intake' as const, keys: sealer.keys }
  let notedAt = -Infinity
  const notePresence = async () => {
    const now = systemClock.now().getTime()
    if (now - notedAt < noteEveryMilliseconds) return
    await processes.note(process, aliveSeconds)
    notedAt = now
  }
  await notePresence()
  return notePresence
}

export async function openReceiver(
  config: Config,
  { log, invoker }: { readonly log: Log; readonly invoker: Invoker },
): Promise<Receiver> {
  let due = false
  const wakeUps = createWakeUps()
  wakeUps.on('runs_due', () => (due = true))
  const store = await openStore(config, { log, poolSize, timers: false, wakeUps })
  const notePresence = await createPresence(store)
  const tenants = createTenantDirectory({ store: store.tenants })
  // For the log only: nobody reads the metrics of one instance.
  const metrics = createMetrics()
  const parts = { store, tenants, quarantine: noQuarantine, worker: undefined, metrics, log }
  const { app } = createApps(
    { role: 'intake' },
    { ...parts, onNewEvents: () => dispatchAll({ inbox: store.inbox, log }) },
  )
  return {
    // Without /metrics: a function URL is public, and the numbers of one instance mean nothing.
    app,
    async isAlive() {
      if (!(await answers(store.database.pool))) return false
      await notePresence()
      return true
    },
    invokeIfDue: async () => {
      if (!due) return
      due = false
      await invoker.send()
    },
    close: () => store.close(),
  }
}
