/** What pruning of finished work is made of, for a process that stays and for one that does not. */
import { systemClock } from '../base/clock.ts'
import type { Database } from '../embedded-postgres/database.ts'
import type { Log } from '../observe/log.ts'
import type { Metrics } from '../observe/metrics.ts'
import type { PrunerDeps } from '../privacy/pruner.ts'
import { createFinishedWork } from '../privacy/store/finished-work.ts'

interface PruneParts {
  readonly store: { readonly database: Database }
  readonly metrics: Metrics
  readonly log: Log
}

export function prunerDeps({ store, metrics, log }: PruneParts): PrunerDeps {
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
