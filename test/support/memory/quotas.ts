/** Quotas of tenants in memory: the twin of src/dispatch/store/quotas.ts. Counted at once, and so exactly. */
import type { TenantId } from '../../../src/base/ids.ts'
import type { QuotaLimits, Quotas } from '../../../src/intake/ports.ts'
import type { MemoryDatabase, StoredDeferral } from './database.ts'

export interface MemoryQuotas extends Pick<Quotas, 'release'> {
  readonly isOver: (tenant: TenantId) => boolean
  /** Something of this tenant has begun. */
  readonly count: (tenant: TenantId) => void
  readonly defer: (deferral: StoredDeferral) => void
}

export function createMemoryQuotas(
  database: MemoryDatabase,
  limits: QuotaLimits,
  begin: (deferral: StoredDeferral) => void,
): MemoryQuotas {
  const { deferred, overQuota } = database

  function roomOf(tenant: TenantId) {
    const dayAgo = new Date(database.clock.now().getTime() - 86_400_000)
    const runs = [...database.runs.values()].filter((run) => run.tenant === tenant)
    const ofToday = runs.filter(({ createdAt, generation }) => createdAt > dayAgo && generation === 0)
    const unfinished = runs.filter(({ state }) => !['done', 'refused', 'cancelled'].includes(state))
    return {
      events: limits.eventsPerDay - new Set(ofToday.map(({ event }) => event)).size,
      runs: limits.unfinishedRuns - unfinished.length,
    }
  }

  const hasRoom = (tenant: TenantId) => Object.values(roomOf(tenant)).every((left) => left > 0)
  return {
    isOver: (tenant) => overQuota.has(tenant),
    count(tenant) {
      if (!hasRoom(tenant)) overQuota.add(tenant)
    },
    defer(deferral) {
      deferred.push(deferral)
    },
    async release() {
      let released = false
      for (const tenant of overQuota) {
        const own = deferred.filter((one) => one.tenant === tenant)
        if (own.length === 0 && hasRoom(tenant)) overQuota.delete(tenant)
        for (const one of own) {
          if (!hasRoom(tenant)) break
          deferred.splice(deferred.indexOf(one), 1)
          begin(one)
          released = true
        }
      }
      return released
    },
  }
}
