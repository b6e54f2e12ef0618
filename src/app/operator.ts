/** What commands need beside the stores: previews, quarantine, and the doctor's findings. */
import { systemClock } from '../base/clock.ts'
import type { ConnectionId } from '../base/ids.ts'
import type { EncryptionKey } from '../base/seal.ts'
import { dispatchAll } from '../dispatch/dispatcher.ts'
import type { Finding } from '../doctor/finding.ts'
import { doctor } from '../doctor/store/doctor.ts'
import { madeRecord } from '../effects/store/made-record.ts'
import type { Database } from '../embedded-postgres/database.ts'
import { createAdmit } from '../intake/admit.ts'
import { createEventStore } from '../intake/store/deliveries.ts'
import { integrations } from '../integrations/registry.ts'
import type { Log } from '../observe/log.ts'
import type { PreviewStore } from '../operator/ports.ts'
import type { PreviewDeps } from '../operator/preview.ts'
import { createLedgerReader, createPreviewStore } from '../operator/store/previews.ts'
import type { SealedData } from '../privacy/ports.ts'
import { createSealedData } from '../privacy/store/sealed-data.ts'
import type { QuarantineAdmin } from '../quarantine/ports.ts'
import { createQuarantineAdmin } from '../quarantine/store/admin.ts'
import type { VerifyAgainDeps } from '../quarantine/verify-again.ts'
import { createCachedReads } from '../worker/cached-reads.ts'
import { type CallerParts, openReadingHttp } from './outbound.ts'
import type { Store } from './store.ts'

/** Read-only parts. */
export function previewDeps(
  parts: CallerParts & { readonly store: Pick<Store, 'sealer' | 'hashKey'> },
): PreviewDeps & { readonly store: PreviewStore } {
  const { outbound, log } = parts
  const { database, sealer, hashKey } = parts.store
  const { pool } = database
  return {
    integrations: new Map(integrations.map((integration) => [integration.name, integration])),
    store: createPreviewStore({ pool, sealer }),
    ledger: createLedgerReader({ pool, hashKey }),
    clock: systemClock,
    log,
    download: outbound.download,
    openHttp: openReadingHttp(parts),
    cached: createCachedReads(systemClock),
  }
}

export function quarantineAdmin({
  database: { pool },
  sealer,
  hashKey,
}: Pick<Store, 'database' | 'sealer' | 'hashKey'>): QuarantineAdmin {
  return createQuarantineAdmin({ pool, sealer, hashKey })
}

/** The quarantine with admission to the inbox, for deliveries that a corrected secret verifies. */
export function quarantineToAdmit(
  store: Store,
  { handlers, log }: { readonly handlers: ReadonlyMap<string, readonly string[]>; readonly log: Log },
): VerifyAgainDeps & { readonly admin: QuarantineAdmin } {
  const { database, sealer, hashKey, inbox } = store
  const events = createEventStore({
    ...{ pool: database.pool, sealer, hashKey },
    onNewEvents: () => dispatchAll({ inbox, log }),
  })
  return {
    admin: quarantineAdmin(store),
    admit: createAdmit({ events, handlers, clock: systemClock }),
  }
}

export function sealedData({ database, sealer }: Pick<Store, 'database' | 'sealer'>): SealedData {
  return createSealedData({ pool: database.pool, sealer })
}

/** A record that this connection has made, if any: its destination must have it. */
export function recordMadeBy(
  { database }: Pick<Store, 'database'>,
  connection: ConnectionId,
): Promise<string | undefined> {
  return madeRecord(database.pool, connection)
}

/** The doctor's findings about the database. */
export function findings(database: Database, keys: readonly EncryptionKey[]): Promise<readonly Finding[]> {
  return doctor(database, keys)
}
