/** The stores of the engine on a database of their own, with one tenant that has two connections. */
import { randomBytes } from 'node:crypto'

import { type ConnectionId, newConnectionId, newTenantId } from '../../src/base/ids.ts'
import { createSealer, type Sealer } from '../../src/base/seal.ts'
import { createInbox } from '../../src/dispatch/store/inbox.ts'
import { createQuotas } from '../../src/dispatch/store/quotas.ts'
import { createLedger } from '../../src/effects/store/ledger.ts'
import type { QuotaLimits, VerifiedDelivery } from '../../src/intake/ports.ts'
import { readEvent } from '../../src/intake/read-event.ts'
import { createEventStore } from '../../src/intake/store/deliveries.ts'
import { silentLog } from '../../src/observe/log.ts'
import { createRunAdmin } from '../../src/operator/store/runs.ts'
import { openPool } from '../../src/postgres/database.ts'
import { createDatabaseRetry } from '../../src/postgres/transaction.ts'
import { openQueue } from '../../src/queue/store/queue.ts'
import { createJournal } from '../../src/runs/store/journal.ts'
import { createRunStore } from '../../src/runs/store/runs.ts'
import { secretsAad } from '../../src/tenants/connection.ts'
import { apiKeyAad, signingSecretsAad } from '../../src/tenants/tenant.ts'
import { freshDatabase } from './database.ts'
import { storedOf } from './recorded.ts'

export type Spine = Awaited<ReturnType<typeof openSpine>>

export const noQuota: QuotaLimits = { eventsPerDay: 1_000_000, unfinishedRuns: 1_000_000 }

/** `sealer`: default one with a key of its own. `lent`: false for a test that cuts connections. */
export async function openSpine({
  sealer = createSealer([{ id: 'test', bytes: randomBytes(32) }]),
  limits = noQuota,
  lent = true,
}: { readonly sealer?: Sealer; readonly limits?: QuotaLimits; readonly lent?: boolean } = {}) {
  const database = await freshDatabase({ lent })
  const pool = openPool(database.url, 10)
  const queue = await openQueue(pool, { supervise: false, log: silentLog })
  const withDatabaseRetry = createDatabaseRetry(async () => {})
  const tenant = {
    ...{ id: newTenantId(), slug: 'acme', apiUrl: 'http://127.0.0.1:1/api/v1' },
    signingSecrets: ['test_signing_secret'],
  }
  const hashKey = randomBytes(32)
  await pool.query(
    `insert into tenants (id, slug, api_url, sealed_api_key, sealed_signing_secrets) values ($1, $2, $3, $4, $5)`,
    [
      tenant.id,
      tenant.slug,
      tenant.apiUrl,
      sealer.seal('key', apiKeyAad(tenant.id, tenant.apiUrl)),
      sealer.seal('[]', signingSecretsAad(tenant.id)),
    ],
  )
  const connect = async (integration: string, enabled = true): Promise<ConnectionId> => {
    const id = newConnectionId()
    await pool.query(
      `insert into connections (id, tenant_id, integration, enabled, settings, sealed_secrets) values ($1, $2, $3, $4, '{}', $5)`,
      [
        id,
        tenant.id,
        integration,
        enabled,
        sealer.seal('{}', secretsAad({ id, tenant: tenant.id, integration, settings: {} })),
      ],
    )
    return id
  }
  const connections = { hibob: await connect('hibob'), webhook: await connect('webhook') }
  const quotas = createQuotas({ pool, limits, log: silentLog })
  const inbox = createInbox({ pool, queue, quotas, log: silentLog })
  const onNewEvents = async () => {
    await inbox.dispatch()
  }
  const events = createEventStore({ pool, sealer, hashKey, onNewEvents })
  return {
    url: database.url,
    pool,
    sealer,
    hashKey,
    queue,
    quotas,
    tenant,
    connections,
    connect,
    events,
    inbox,
    onNewEvents,
    runs: createRunStore({ pool, queue, sealer, hashKey, withDatabaseRetry }),
    runAdmin: createRunAdmin(pool, queue),
    journal: createJournal(pool, sealer, withDatabaseRetry),
    ledger: createLedger({ pool, sealer, withDatabaseRetry, hashKey }),
    delivery: (application: string, { asked = '*', at = 1_614_687_278 } = {}) =>
      delivery(tenant, application, { asked, at }),
    /** Records a hire as intake would. */
    hire: (application: string, { asked = '*', at = 1_614_687_278 } = {}) =>
      storedOf(events.record(delivery(tenant, application, { asked, at }))),
    async close() {
      await queue.close()
      await pool.end()
      await database.drop()
    },
  }
}

function delivery(
  tenant: VerifiedDelivery['tenant'],
  application: string,
  { asked, at }: { readonly asked: string; readonly at: number },
): VerifiedDelivery {
  const data = { application: { id: Number(application) }, job: { id: 1 } }
  const body = Buffer.from(JSON.stringify({ event: 'application_hired', triggeredAt: at, data }))
  return { tenant, ...readEvent(body), asked, handledBy: ['hibob', 'webhook'], body }
}
