/**
 * Limits how much work one tenant may have at once. A tenant that is over its quota is marked, and its events are deferred until there
 * is room. Quotas are counted now and then, not for each event, so that other tenants pay nothing for it.
 */
import type pg from 'pg'

import type { TenantId } from '../../base/ids.ts'
import type { QuotaLimits, Quotas } from '../../intake/ports.ts'
import type { Log } from '../../observe/log.ts'
import { createOutage } from '../../observe/outage.ts'
import { inTransaction, type Queryable, queryable } from '../../postgres/transaction.ts'
import { leastRecentlyChecked, mark, releaseOldest, takeMark, unmark, updateMark } from './quota-marks.ts'
import { isAmple, isFull, readRoom, type Room } from './quota-room.ts'

/** Events released at once: half a batch of the dispatcher, so that the other half is left to other tenants. */
const mostReleased = 100

export interface QuotaDeps {
  readonly pool: pg.Pool
  readonly limits: QuotaLimits
  readonly log: Log
}

export function createQuotas(deps: QuotaDeps): Quotas {
  const { pool, limits, log } = deps
  const client = queryable(pool)
  const outage = createOutage(log, {
    began: 'quotas cannot be counted; no further tenant is deferred meanwhile',
    over: 'quotas are counted again',
  })
  /** How many more runs this process may dispatch before it counts the tenant again. */
  const uncounted = new Map<TenantId, number>()
  const due = new Set<TenantId>()
  return {
    note(tenant, runs) {
      const left = (uncounted.get(tenant) ?? 0) - Math.max(1, runs)
      uncounted.set(tenant, left)
      if (left <= 0) due.add(tenant)
    },
    async check() {
      try {
        for (const tenant of due) {
          const room = await readRoom(client, tenant, limits)
          uncounted.set(tenant, runsUntilCount(room, limits))
          if (isFull(room)) await markAndLog({ client, limits, log }, tenant, room)
          due.delete(tenant)
          outage.worked()
        }
      } catch (error) {
        // The tenants that are due are counted at the next check.
        outage.failed(error)
      }
    },
    async release() {
      let released = 0
      for (const tenant of await leastRecentlyChecked(client)) {
        released += await inTransaction(pool, async (transaction) =>
          (await takeMark(transaction, tenant)) ? releaseOf({ client: transaction, limits, log }, tenant) : 0,
        )
      }
      return released > 0
    },
  }
}

/** A tenth of the room; near the end a hundredth of the quota, so that not every event causes a count. */
function runsUntilCount({ events, runs }: Room, { eventsPerDay, unfinishedRuns }: QuotaLimits): number {
  return Math.max(
    Math.ceil(Math.min(eventsPerDay, unfinishedRuns) / 100),
    Math.floor(Math.min(events, runs) / 10),
  )
}

type CountingDeps = Pick<QuotaDeps, 'limits' | 'log'> & { readonly client: Queryable }

async function markAndLog(
  { client, limits, log }: CountingDeps,
  tenant: TenantId,
  room: Room,
): Promise<void> {
  const slug = await mark(client, tenant, room)
  if (slug === undefined) return
  const { eventsPerDay, unfinishedRuns } = limits
  const fields = room.events === 0 ? { eventsPerDay, until: room.until } : { unfinishedRuns }
  log.warn({ tenant: slug, ...fields }, 'a tenant is over its quota: further events are deferred')
}

/** Returns the number of events. The caller holds the mark. */
async function releaseOf({ client, limits, log }: CountingDeps, tenant: TenantId): Promise<number> {
  const room = await readRoom(client, tenant, limits)
  const most = Math.min(mostReleased, room.events, Math.ceil(room.runs / room.connections))
  const released = most > 0 ? await releaseOldest(client, tenant, most) : 0
  if (isFull(room)) await updateMark(client, tenant, room)
  if (released > 0 || !isAmple(room, limits)) return released
  const slug = await unmark(client, tenant)
  if (slug !== undefined) {
    log.info({ tenant: slug }, 'a tenant is within its quota again and has no deferred events')
  }
  return released
}
