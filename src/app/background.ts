/** What a working process does beside runs: sweeps, rechecks for parked runs, and pruning of finished work. */
import { systemClock } from '../base/clock.ts'
import type { Loop } from '../base/loop.ts'
import { processIdentity } from '../config/process-identity.ts'
import { handling, integrations } from '../integrations/registry.ts'
import type { Metrics } from '../observe/metrics.ts'
import { createFingerprint } from '../parking/fingerprint.ts'
import { createRecheckStore } from '../parking/store/rechecks.ts'
import { createRevokedHireStore } from '../parking/store/revoked-hires.ts'
import { startWatcher } from '../parking/watcher.ts'
import { type PrunerDeps, startPruner } from '../privacy/pruner.ts'
import { createFinishedWork } from '../privacy/store/finished-work.ts'
import type { WakeUps } from '../queue/wake-ups.ts'
import { createSweepLook, createSweepStore } from '../sweeps/store/sweeps.ts'
import { performSweep, type SweepDeps, type SweepPreviewDeps } from '../sweeps/sweep.ts'
import { startSweeper, type SweeperDeps } from '../sweeps/sweeper.ts'
import { createCachedReads } from '../worker/cached-reads.ts'
import type { SharedHires } from '../worker/shared-hires.ts'
import { undecorated } from './decorate-ports.ts'
import { type CallerParts, openReadingHttp } from './outbound.ts'
import type { Store } from './store.ts'

export interface BackgroundParts extends CallerParts {
  readonly store: Store
  readonly metrics: Metrics
}

interface WatcherParts extends BackgroundParts {
  /** Shared with the attempts of this process. */
  readonly sharedHires: SharedHires
}

export interface Background {
  stop(graceSeconds: number): Promise<void>
}

export function openBackground(parts: WatcherParts & { readonly wakeUps: WakeUps }): Background {
  const watcher = openWatcher(parts)
  parts.wakeUps.on('rechecks_due', watcher.wake)
  // Runs may be parked until the tenant changes.
  parts.wakeUps.on('tenants_changed', watcher.wake)
  const loops = [watcher, openSweeper(parts), startPruner(prunerDeps(parts))]
  return {
    async stop(graceSeconds) {
      await Promise.all(loops.map((loop) => loop.stop(graceSeconds)))
    },
  }
}

function openWatcher(parts: WatcherParts): Loop {
  const { store, metrics, log } = parts
  const { database, queue, sealer, hashKey, withDatabaseRetry } = store
  const { pool } = database
  const cached = createCachedReads(systemClock)
  const open = openReadingHttp(parts)
  return startWatcher({
    store: createRecheckStore({ pool, queue, sealer, withDatabaseRetry }),
    revokedHires: createRevokedHireStore({ pool, queue, withDatabaseRetry }),
    integrations: new Map(integrations.map((integration) => [integration.name, integration])),
    openHttp: ({ tenant, connection }) => open({ tenant: tenant.id, connection: connection.id }),
    cached: ({ connection }) => cached(connection.id),
    fingerprint: createFingerprint(hashKey),
    handOver: (...given) => parts.sharedHires.handOver(...given),
    clock: systemClock,
    log,
    onRechecked: (recheck) => metrics.rechecks.inc(recheck),
  })
}

function openSweeper(parts: BackgroundParts): Loop {
  const identity = processIdentity()
  return startSweeper({
    ...sweeperDeps({ ...parts, name: identity.name }),
    isGone: (name) => identity.isGone(name),
    pollSeconds: parts.options?.sweepPollSeconds,
  })
}

/** `name`: the process that holds its sweeps. */
export function sweeperDeps(parts: BackgroundParts & { readonly name: string }): SweeperDeps {
  const { store, metrics, name, options: { decorate = undecorated } = {} } = parts
  const onEnded: SweepDeps['onEnded'] = ({ state, missing, restarted }) => {
    metrics.sweeps.inc({ state })
    metrics.missedHires.inc(missing)
    metrics.restartedHires.inc(restarted)
  }
  const deps = { ...sweepDeps(parts), onEnded }
  return {
    ...deps,
    schedule: decorate('dueSweeps', store.sweeps),
    perform: decorate('performSweep', (sweep, stopping) => performSweep(deps, sweep, stopping)),
    worker: name,
    // Elsewhere, the heartbeat decides.
    isGone: () => false,
  }
}

/** For the service, and for manual sweeps. */
export function sweepDeps(parts: CallerParts & { readonly store: Store }): SweepDeps {
  const { store, log, options: { decorate = undecorated } = {} } = parts
  const { database, queue, sealer, hashKey, quotas } = store
  return {
    ...sweepPreviewDeps(parts),
    store: decorate('sweeps', createSweepStore({ pool: database.pool, queue, sealer, hashKey, quotas })),
    log,
  }
}

/** Read-only parts. */
export function sweepPreviewDeps(parts: CallerParts): SweepPreviewDeps {
  const open = openReadingHttp(parts)
  return {
    store: createSweepLook(parts.store.database.pool),
    openHttp: ({ tenant }) => open({ tenant: tenant.id, connection: undefined }),
    handling: handling('application_hired', parts.options?.integrations),
    clock: systemClock,
  }
}

export function prunerDeps({
  store,
  metrics,
  log,
}: Pick<BackgroundParts, 'store' | 'metrics' | 'log'>): PrunerDeps {
  return {
    store: createFinishedWork(store.database.pool),
    clock: systemClock,
    log,
    onPruned: ({ events, runs }) => {
      metrics.pruned.inc({ what: 'events' }, events)
      metrics.pruned.inc({ what: 'runs' }, runs)
    },
  }
}
