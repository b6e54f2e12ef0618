/** What previews are made of: only parts that read. */
import { systemClock } from '../base/clock.ts'
import type { Sealer } from '../base/seal.ts'
import { integrations } from '../integrations/registry.ts'
import type { PreviewStore } from '../operator/ports.ts'
import type { PreviewDeps } from '../operator/preview.ts'
import { createLedgerReader, createPreviewStore } from '../operator/store/previews.ts'
import { createCachedReads } from '../worker/cached-reads.ts'
import { openReading, type ReadingParts } from './reading.ts'

export async function previewDeps(
  parts: ReadingParts & { readonly store: { readonly sealer: Sealer; readonly hashKey: Buffer } },
): Promise<PreviewDeps & { readonly store: PreviewStore }> {
  const { outbound, log } = parts
  const { database, sealer, hashKey } = parts.store
  const { pool } = database
  const cached = createCachedReads(systemClock)
  return {
    integrations: new Map(integrations.map((integration) => [integration.name, integration])),
    store: createPreviewStore({ pool, sealer }),
    ledger: createLedgerReader({ pool, hashKey }),
    clock: systemClock,
    log,
    download: outbound.download,
    openHttp: openReading(parts),
    cached,
  }
}
