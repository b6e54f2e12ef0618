/** What looking after parked runs is made of. */
import { systemClock } from '../base/clock.ts'
import type { Loop } from '../base/loop.ts'
import type { Sealer } from '../base/seal.ts'
import type { Database } from '../embedded-postgres/database.ts'
import { integrations } from '../integrations/registry.ts'
import type { Log } from '../observe/log.ts'
import type { Metrics } from '../observe/metrics.ts'
import type { Outbound } from '../outbound/outbound.ts'
import { createFingerprint } from '../parking/fingerprint.ts'
import { createParking } from '../parking/parked.ts'
import { createLiftStore } from '../parking/store/rechecks.ts'
import { createGraceStore } from '../parking/store/revoked-hires.ts'
import { startLifter } from '../parking/watcher.ts'
import { createDatabaseRetry } from '../postgres/transaction.ts'
import type { Queue } from '../queue/store/queue.ts'
import type { Ledger } from '../runs/ports.ts'
import { createCachedReads } from '../worker/cached-reads.ts'
import type { Parking } from '../worker/ports.ts'
import { openReading } from './reading.ts'

interface LiftParts {
  readonly store: {
    readonly database: Database
    readonly queue: Queue
    readonly sealer: Sealer
    readonly hashKey: Buffer
  }
  readonly outbound: Outbound
  readonly address: string
  readonly metrics: Metrics
  readonly log: Log
}

export async function openLifter(parts: LiftParts): Promise<Loop> {
  const { store, metrics, log } = parts
  const { database, queue, sealer, hashKey } = store
  const { pool } = database
  const withDatabaseRetry = createDatabaseRetry(async () => database.embedded?.ensureRunning())
  const cached = createCachedReads(systemClock)
  const open = openReading(parts)
  return startLifter({
    store: createLiftStore({ pool, queue, sealer, withDatabaseRetry }),
    grace: createGraceStore({ pool, queue, withDatabaseRetry }),
    integrations: new Map(integrations.map((integration) => [integration.name, integration])),
    openHttp: ({ tenant, connection }) => open({ tenant: tenant.id, connection: connection.id }),
    cached: ({ connection }) => cached(connection.id),
    fingerprint: createFingerprint(hashKey),
    clock: systemClock,
    log,
    onLooked: (look) => metrics.looks.inc(look),
  })
}

/** The ledger, and what runs take along when they park. */
export function withParking(
  ledger: Ledger,
  { hashKey, log }: { readonly hashKey: Buffer; readonly log: Log },
): { readonly ledger: Ledger; readonly parking: Parking } {
  const fingerprint = createFingerprint(hashKey)
  return { ledger, parking: createParking({ fingerprint, ledger, clock: systemClock, log }) }
}
