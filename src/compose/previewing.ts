/** What previews are made of: only parts that read. */
import { systemClock } from '../base/clock.ts'
import type { Sealer } from '../base/seal.ts'
import { integrations } from '../integrations/registry.ts'
import type { Log } from '../observe/log.ts'
import type { Outbound } from '../outbound/outbound.ts'
import { createCachedReads } from '../runs/cached-reads.ts'
import type { PreviewDeps } from '../runs/preview.ts'
import type { PreviewStore } from '../runs/preview-ports.ts'
import type { Database } from '../store/database.ts'
import { readHashKey } from '../store/installation-keys.ts'
import { createLedgerReader, createPreviewStore } from '../store/previews.ts'

export async function previewDeps({
  store: { database, sealer },
  outbound,
  log,
}: {
  readonly store: { readonly database: Database; readonly sealer: Sealer }
  readonly outbound: Outbound
  readonly log: Log
}): Promise<PreviewDeps & { readonly store: PreviewStore }> {
  const { pool } = database
  const cached = createCachedReads(systemClock)
  return {
    integrations: new Map(integrations.map((integration) => [integration.name, integration])),
    store: createPreviewStore({ pool, sealer }),
    ledger: createLedgerReader({ pool, hashKey: await readHashKey(pool, sealer) }),
    clock: systemClock,
    log,
    download: outbound.download,
    // A limit that is met is waited out by the preview itself.
    openHttp: outbound.openHttp({ pausedUntil: () => undefined, pause: () => undefined }, { readOnly: true }),
    cached,
  }
}
