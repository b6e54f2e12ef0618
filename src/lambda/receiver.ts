/**
 * What the receive function keeps between invocations: the database, the HTTP app, the nudge. Frozen with everything in
 * it until the next request, so nothing in it runs by itself, and it is looked over before it is used again.
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
import type { Invoker } from './nudge.ts'

/** One request at a time is in an instance of a function, and some of them read while they write. */
const poolSize = 2

/** What is kept beside the answer would be frozen with the instance. Pinpoint sends again, and a sweep finds the hire. */
const noQuarantine: Quarantine = { refused: () => undefined, verified: () => undefined }

export interface Receiver {
  readonly app: Hono
  /** Whether the database still answers on the connections that were frozen. */
  isAlive(): Promise<boolean>
  /** Nudges the work function when this request made work. */
  readonly nudgeIfDue: () => Promise<void>
  close(): Promise<void>
}

/** An instance that no request has reached for so long is gone, or nearly. */
const aliveSeconds = 3600
const tellEveryMilliseconds = 60_000

/** A frozen instance says nothing: it says that it lives when it is used. */
async function createPresence({ processes, sealer }: Store): Promise<() => Promise<void>> {
  const process = { name: `lambda/${randomUUID()}`, role: 'intake' as const, keys: sealer.keys }
  let told = -Infinity
  const present = async () => {
    const now = systemClock.now().getTime()
    if (now - told < tellEveryMilliseconds) return
    await processes.note(process, aliveSeconds)
    told = now
  }
  await present()
  return present
}

export async function openReceiver(
  config: Config,
  { log, nudge }: { readonly log: Log; readonly nudge: Invoker },
): Promise<Receiver> {
  let due = false
  const wakeUps = createWakeUps()
  wakeUps.on('runs_due', () => (due = true))
  const store = await openStore(config, { log, poolSize, timers: false, wakeUps })
  const present = await createPresence(store)
  const tenants = createTenantDirectory({ store: store.tenants })
  // Counted for the log's sake only: nobody reads the numbers of one instance.
  const metrics = createMetrics()
  const parts = { store, tenants, quarantine: noQuarantine, worker: undefined, metrics, log }
  const { app } = createApps(
    { role: 'intake' },
    { ...parts, onNewEvents: () => dispatchAll({ inbox: store.inbox, log }) },
  )
  return {
    // Without the numbers: a function URL is open to the world, and those of one instance mean nothing.
    app,
    async isAlive() {
      if (!(await answers(store.database.pool))) return false
      await present()
      return true
    },
    nudgeIfDue: async () => {
      if (!due) return
      due = false
      await nudge.send()
    },
    close: () => store.close(),
  }
}
