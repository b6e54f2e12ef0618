/** What sweeps are made of, for the service and for those by hand. */
import { systemClock } from '../base/clock.ts'
import type { Sealer } from '../base/seal.ts'
import { processIdentity } from '../config/process-identity.ts'
import { handling } from '../integrations/registry.ts'
import type { Metrics } from '../observe/metrics.ts'
import type { SweepDeps } from '../runs/sweep.ts'
import type { SweepSchedule } from '../runs/sweep-ports.ts'
import { startSweeper, type Sweeper, type SweeperDeps } from '../runs/sweeper.ts'
import type { Database } from '../store/database.ts'
import type { Queue } from '../store/queue.ts'
import { createSweepStore } from '../store/sweeps.ts'
import { openReading, type ReadingParts } from './reading.ts'

interface SweepParts extends ReadingParts {
  readonly store: {
    readonly database: Database
    readonly queue: Queue
    readonly sealer: Sealer
    readonly sweeps: SweepSchedule
  }
}

export function sweepDeps(parts: SweepParts): SweepDeps {
  const { store, log } = parts
  const { database, queue, sealer } = store
  return {
    store: createSweepStore({ pool: database.pool, queue, sealer }),
    openHttp: openReading(parts)(),
    handling: handling('application_hired'),
    clock: systemClock,
    log,
  }
}

export function openSweeper(parts: SweepParts & { readonly metrics: Metrics }): Sweeper {
  const identity = processIdentity()
  return startSweeper({
    ...sweeperDeps({ ...parts, name: identity.name }),
    isGone: (name) => identity.isGone(name),
  })
}

/** `name`: who holds the sweep that it does. */
export function sweeperDeps(
  parts: SweepParts & { readonly metrics: Metrics; readonly name: string },
): SweeperDeps {
  const { store, metrics, name } = parts
  return {
    ...sweepDeps(parts),
    schedule: store.sweeps,
    worker: name,
    // Where nobody can tell: the heartbeat does.
    isGone: () => false,
    onEnded: ({ state, missing }) => {
      metrics.sweeps.inc({ state })
      metrics.missedHires.inc(missing)
    },
  }
}
