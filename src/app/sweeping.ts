/** What sweeps are made of, for the service and for those by hand. */
import { systemClock } from '../base/clock.ts'
import type { Loop } from '../base/loop.ts'
import type { Sealer } from '../base/seal.ts'
import { processIdentity } from '../config/process-identity.ts'
import type { Database } from '../embedded-postgres/database.ts'
import type { Quotas } from '../intake/ports.ts'
import { handling } from '../integrations/registry.ts'
import type { Metrics } from '../observe/metrics.ts'
import type { Queue } from '../queue/store/queue.ts'
import { pagesOfOneTurn } from '../sweeps/bounds.ts'
import type { SweepSchedule } from '../sweeps/ports.ts'
import { createSweepStore } from '../sweeps/store/sweeps.ts'
import { performSweep, type SweepDeps } from '../sweeps/sweep.ts'
import { startSweeper, type SweeperDeps } from '../sweeps/sweeper.ts'
import { nothingAround, type Seams } from './decorate-ports.ts'
import { openReading, type ReadingParts } from './reading.ts'

interface SweepParts extends ReadingParts {
  readonly store: {
    readonly database: Database
    readonly queue: Queue
    readonly sealer: Sealer
    readonly hashKey: Buffer
    readonly quotas: Quotas
    readonly sweeps: SweepSchedule
  }
  readonly seams?: Seams
}

type ServiceParts = SweepParts & { readonly metrics: Metrics }

export function sweepDeps(parts: SweepParts): SweepDeps {
  const { store, log, seams = {} } = parts
  const { around = nothingAround, integrations } = seams
  const { database, queue, sealer, hashKey, quotas } = store
  const open = openReading(parts)
  return {
    store: around('sweeps', createSweepStore({ pool: database.pool, queue, sealer, hashKey, quotas })),
    openHttp: ({ tenant }) => open({ tenant: tenant.id, connection: undefined }),
    handling: handling('application_hired', integrations),
    clock: systemClock,
    log,
  }
}

export function openSweeper(parts: ServiceParts): Loop {
  const identity = processIdentity()
  return startSweeper({
    ...sweeperDeps({ ...parts, name: identity.name }),
    isGone: (name) => identity.isGone(name),
    pollSeconds: parts.seams?.sweepPollSeconds,
  })
}

/** `name`: who holds the sweep that it does. */
export function sweeperDeps(parts: ServiceParts & { readonly name: string }): SweeperDeps {
  const { store, metrics, name, seams: { around = nothingAround } = {} } = parts
  const onEnded: SweepDeps['onEnded'] = ({ state, missing, restarted }) => {
    metrics.sweeps.inc({ state })
    metrics.missedHires.inc(missing)
    metrics.restartedHires.inc(restarted)
  }
  const deps = { ...sweepDeps(parts), onEnded, pagesOfOneTurn }
  return {
    ...deps,
    schedule: around('dueSweeps', store.sweeps),
    perform: around('performSweep', (sweep, stopping) => performSweep(deps, sweep, stopping)),
    worker: name,
    // Where nobody can tell: the heartbeat does.
    isGone: () => false,
  }
}
