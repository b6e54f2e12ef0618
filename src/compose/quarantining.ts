/** What quarantine is made of: the part that runs in the service, and the part that people use. */
import { systemClock } from '../base/clock.ts'
import type { Sealer } from '../base/seal.ts'
import type { Config } from '../config/environment.ts'
import { createAdmit } from '../intake/admit.ts'
import { beginAll } from '../intake/begin.ts'
import { startPruning } from '../intake/prune-quarantine.ts'
import { createQuarantine, type OpenQuarantine } from '../intake/quarantine.ts'
import type { QuarantineShelf } from '../intake/quarantine-ports.ts'
import { createSignatureAlarm } from '../intake/signature-alarm.ts'
import type { VerifyAgainDeps } from '../intake/verify-again.ts'
import type { Log } from '../observe/log.ts'
import type { Metrics } from '../observe/metrics.ts'
import { createOutage } from '../observe/outage.ts'
import { createArrivals } from '../store/arrivals.ts'
import type { Database } from '../store/database.ts'
import { createEventStore } from '../store/deliveries.ts'
import { createQuarantineWriter } from '../store/quarantine.ts'
import { createQuarantineShelf } from '../store/quarantine-shelf.ts'
import type { Queue } from '../store/queue.ts'

interface StoreParts {
  readonly database: Database
  readonly queue: Queue
  readonly sealer: Sealer
  readonly hashKey: Buffer
}

export function openQuarantine(
  config: Config,
  { store, metrics, log }: { readonly store: StoreParts; readonly metrics: Metrics; readonly log: Log },
): OpenQuarantine {
  const days = config.quarantineDays
  const limits = {
    maxDeliveries: config.quarantineMaxDeliveries,
    maxBytes: config.quarantineMaxMib * 1024 * 1024,
  }
  const deps = { pool: store.database.pool, sealer: store.sealer, hashKey: store.hashKey }
  const alarm = createSignatureAlarm({
    clock: systemClock,
    onAlarm: ({ tenant, signature }) => {
      metrics.signatureAlarms.inc()
      log.error({ tenant, signature }, 'signatures began to fail: the signing secret was probably changed')
    },
  })
  const quarantine = createQuarantine({
    store: createQuarantineWriter(deps, limits),
    clock: systemClock,
    onOutcome: (outcome) => metrics.quarantined.inc({ outcome }),
    outage: createOutage(log, {
      began: 'refused deliveries cannot be kept in quarantine',
      over: 'refused deliveries are kept in quarantine again',
    }),
    alarm,
  })
  const pruning = startPruning({
    shelf: createQuarantineShelf(deps),
    days,
    clock: systemClock,
    log,
  })
  return {
    ...quarantine,
    async close() {
      await Promise.all([quarantine.close(), pruning.stop()])
    },
  }
}

/** For commands. */
export function quarantineDesk(
  { database: { pool }, queue, sealer, hashKey }: StoreParts,
  { handlers, log }: { readonly handlers: ReadonlyMap<string, readonly string[]>; readonly log: Log },
): VerifyAgainDeps & { readonly shelf: QuarantineShelf } {
  const arrivals = createArrivals({ pool, queue, log })
  const events = createEventStore({
    pool,
    queue,
    sealer,
    hashKey,
    onArrivals: () => beginAll({ arrivals, log }),
  })
  return {
    shelf: createQuarantineShelf({ pool, sealer, hashKey }),
    admit: createAdmit({ events, handlers, clock: systemClock }),
  }
}
