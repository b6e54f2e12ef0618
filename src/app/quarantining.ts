/** What quarantine is made of: the part that runs in the service, and the part that people use. */
import { systemClock } from '../base/clock.ts'
import type { Sealer } from '../base/seal.ts'
import type { Config } from '../config/environment.ts'
import { beginAll } from '../dispatch/dispatcher.ts'
import { createArrivals } from '../dispatch/store/inbox.ts'
import type { Database } from '../embedded-postgres/database.ts'
import { createAdmit } from '../intake/admit.ts'
import type { Quotas } from '../intake/ports.ts'
import { createEventStore } from '../intake/store/deliveries.ts'
import type { Log } from '../observe/log.ts'
import type { Metrics } from '../observe/metrics.ts'
import { createOutage } from '../observe/outage.ts'
import type { QuarantineShelf } from '../quarantine/ports.ts'
import { startPruning } from '../quarantine/prune-quarantine.ts'
import { createQuarantine, type OpenQuarantine } from '../quarantine/quarantine.ts'
import { createSignatureAlarm } from '../quarantine/signature-alarm.ts'
import { createQuarantineShelf } from '../quarantine/store/admin.ts'
import { createQuarantineWriter } from '../quarantine/store/quarantine.ts'
import type { VerifyAgainDeps } from '../quarantine/verify-again.ts'
import type { Queue } from '../queue/store/queue.ts'

interface StoreParts {
  readonly database: Database
  readonly queue: Queue
  readonly sealer: Sealer
  readonly hashKey: Buffer
  readonly quotas: Quotas
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
  { database: { pool }, queue, sealer, hashKey, quotas }: StoreParts,
  { handlers, log }: { readonly handlers: ReadonlyMap<string, readonly string[]>; readonly log: Log },
): VerifyAgainDeps & { readonly shelf: QuarantineShelf } {
  const arrivals = createArrivals({ pool, queue, quotas, log })
  const events = createEventStore({
    pool,
    sealer,
    hashKey,
    onArrivals: () => beginAll({ arrivals, log }),
  })
  return {
    shelf: createQuarantineShelf({ pool, sealer, hashKey }),
    admit: createAdmit({ events, handlers, clock: systemClock }),
  }
}
