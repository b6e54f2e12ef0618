/** What sweeps are made of, for the service and for those by hand. */
import { systemClock } from '../base/clock.ts'
import type { Sealer } from '../base/seal.ts'
import { processIdentity } from '../config/process-identity.ts'
import { handling } from '../integrations/registry.ts'
import type { Log } from '../observe/log.ts'
import type { Metrics } from '../observe/metrics.ts'
import type { Outbound } from '../outbound/outbound.ts'
import type { SweepDeps } from '../runs/sweep.ts'
import type { SweepSchedule } from '../runs/sweep-ports.ts'
import { startSweeper, type Sweeper, type SweeperDeps } from '../runs/sweeper.ts'
import type { Database } from '../store/database.ts'
import type { Queue } from '../store/queue.ts'
import { createSweepStore } from '../store/sweeps.ts'

interface SweepParts {
  readonly store: {
    readonly database: Database
    readonly queue: Queue
    readonly sealer: Sealer
    readonly sweeps: SweepSchedule
  }
  readonly outbound: Outbound
  readonly log: Log
}

export function sweepDeps({ store, outbound, log }: SweepParts): SweepDeps {
  const { database, queue, sealer } = store
  return {
    store: createSweepStore({ pool: database.pool, queue, sealer }),
    // A sweep that meets a limit waits as a whole; nobody else's limit is about it.
    openHttp: outbound.openHttp({ pausedUntil: () => undefined, pause: () => undefined }, { readOnly: true }),
    handling: handling('application_hired'),
    clock: systemClock,
    log,
  }
}

export async function openSweeper(parts: SweepParts & { readonly metrics: Metrics }): Promise<Sweeper> {
  const { store, log } = parts
  const identity = processIdentity()
  const freed = await store.sweeps.freeFromDead((name) => identity.isGone(name))
  if (freed > 0) log.info({ sweeps: freed }, 'sweeps of a killed process of this machine handed on')
  return startSweeper(sweeperDeps({ ...parts, name: identity.name }))
}

/** `name`: who holds the sweep that it does. */
export function sweeperDeps(
  parts: SweepParts & { readonly metrics: Metrics; readonly name: string },
): SweeperDeps {
  const { store, metrics, log, name } = parts
  return {
    ...sweepDeps(parts),
    schedule: store.sweeps,
    worker: name,
    log,
    onEnded: ({ state, missing }) => {
      metrics.sweeps.inc({ state })
      metrics.missedHires.inc(missing)
    },
  }
}
