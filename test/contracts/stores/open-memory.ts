/** The twins in memory, on the real clock or on one that a test gives. */
import { type Clock, systemClock } from '../../../src/base/clock.ts'
import type { ConnectionId, TenantId } from '../../../src/base/ids.ts'
import type { QuotaLimits } from '../../../src/intake/ports.ts'
import { mustGet } from '../../support/memory/database.ts'
import { createMemoryStores } from '../../support/memory/stores.ts'
import type { Stores } from './harness.ts'

export async function openMemoryStores(limits?: QuotaLimits, clock: Clock = systemClock): Promise<Stores> {
  const { database, quotas, ...stores } = createMemoryStores(clock, limits)
  const tenant = {
    id: database.nextId('ten') as TenantId,
    slug: 'acme',
    signingSecrets: ['test_signing_secret'],
  }
  const connect = (integration: string) => {
    const id = database.nextId('con') as ConnectionId
    const declared = { id, tenant: tenant.id, integration, enabled: true, delay: 0, commentWhenParked: false }
    return { ...declared, settings: {}, secrets: {} }
  }
  const connectionIds = await stores.declarations.change(async (records) => {
    await records.writeTenant({
      ...tenant,
      apiUrl: 'http://127.0.0.1:1/api/v1',
      apiKey: 'key',
      sweep: 'off',
      keepFinishedFor: 'forever',
      demoHires: false,
    })
    const [hibob, webhook] = [connect('hibob'), connect('webhook')]
    await records.writeConnection(hibob)
    await records.writeConnection(webhook)
    return { hibob: hibob.id, webhook: webhook.id }
  })
  return {
    ...stores,
    tenant,
    connectionIds,
    async prune(event) {
      const { tenant: owner, identity } = mustGet(database.events, event)
      for (const { id } of [...database.runs.values()].filter((run) => run.event === event))
        database.runs.delete(id)
      database.events.delete(event)
      database.tombstones.add(`${owner} ${identity}`)
    },
    async release() {
      await quotas.release()
    },
    async letDayPass() {
      for (const [id, run] of database.runs) {
        database.runs.set(id, { ...run, createdAt: new Date(run.createdAt.getTime() - 86_400_000) })
      }
    },
    async fallSilent({ id }) {
      const job = database.jobs.get(id)
      if (job !== undefined) job.heartbeatAt = new Date(clock.now().getTime() - 60_000)
    },
    // A fetch looks for them by itself.
    supervise: async () => {},
    close: async () => {},
  }
}
