/**
 * What the receive function keeps between invocations: the database, the HTTP app, the nudge. Frozen with everything in
 * it until the next request, so nothing in it runs by itself, and it is looked over before it is used again.
 */
import type { Hono } from 'hono'

import { createService, openStore } from '../app.ts'
import type { Config } from '../config/environment.ts'
import type { Log } from '../observe/log.ts'
import { createMetrics } from '../observe/metrics.ts'
import { answers } from '../store/readiness.ts'
import { createTenantDirectory } from '../tenants/directory.ts'
import type { Nudge } from './nudge.ts'

/** One request at a time is in an instance of a function, and some of them read while they write. */
const poolSize = 2

export interface Receiver {
  readonly app: Hono
  /** Whether the database still answers on the connections that were frozen. */
  isAlive(): Promise<boolean>
  /** Nudges the work function when this request made work. */
  readonly nudgeIfDue: () => Promise<void>
  close(): Promise<void>
}

export async function openReceiver(
  config: Config,
  { log, nudge }: { readonly log: Log; readonly nudge: Nudge },
): Promise<Receiver> {
  let due = false
  const store = await openStore(config, { log, poolSize, timers: false, onDue: () => (due = true) })
  const tenants = createTenantDirectory({ store: store.tenants })
  const app = createService(
    { role: 'intake' },
    { store, tenants, worker: undefined, metrics: createMetrics(), log },
  )
  return {
    app,
    isAlive: () => answers(store.database.pool),
    nudgeIfDue: async () => {
      if (!due) return
      due = false
      await nudge.send()
    },
    close: () => store.close(),
  }
}
