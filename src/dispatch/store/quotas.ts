/**
 * How much of one tenant may be under way. What is beyond begins later: a tenant that is over its quota is marked, and what has not dispatched
 * of it is put aside until there is room. Counted now and then, and not for each event, so that others pay nothing for it.
 */
import type pg from 'pg'

import type { TenantId } from '../../base/ids.ts'
import type { QuotaLimits, Quotas } from '../../intake/ports.ts'
import type { Log } from '../../observe/log.ts'
import { createOutage } from '../../observe/outage.ts'
import { inTransaction, type Queryable, queryable } from '../../postgres/transaction.ts'
import { leastLookedAt, mark, releaseOldest, takeMark, unmark, updateMark } from './quota-marks.ts'
import { isAmple, isFull, readRoom, type Room } from './quota-room.ts'

/** Released at once: half of what begins in one statement, so that the other half is others'. */
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
    began: 'what tenants have under way cannot be counted; what arrives begins meanwhile',
    over: 'what tenants have under way is counted again',
  })
  /** How many more runs may begin here before the tenant is counted again. */
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
          uncounted.set(tenant, stepIn(room, limits))
          if (isFull(room)) await markAndTell({ client, limits, log }, tenant, room)
          due.delete(tenant)
          outage.worked()
        }
      } catch (error) {
        // Those that are due are counted with the next ones.
        outage.failed(error)
      }
    },
    async release() {
      let released = 0
      for (const tenant of await leastLookedAt(client)) {
        released += await inTransaction(pool, async (transaction) =>
          (await takeMark(transaction, tenant)) ? releaseOf({ client: transaction, limits, log }, tenant) : 0,
        )
      }
      return released > 0
    },
  }
}

/** A tenth of what is left; near the end a hundredth of the whole, so that no event is counted by itself. */
function stepIn({ events, runs }: Room, { eventsPerDay, unfinishedRuns }: QuotaLimits): number {
  return Math.max(
    Math.ceil(Math.min(eventsPerDay, unfinishedRuns) / 100),
    Math.floor(Math.min(events, runs) / 10),
  )
}

type CountingDeps = Pick<QuotaDeps, 'limits' | 'log'> & { readonly client: Queryable }

async function markAndTell(
  { client, limits, log }: CountingDeps,
  tenant: TenantId,
  room: Room,
): Promise<void> {
  const slug = await mark(client, tenant, room)
  if (slug === undefined) return
  const { eventsPerDay, unfinishedRuns } = limits
  const fields = room.events === 0 ? { eventsPerDay, until: room.until } : { unfinishedRuns }
  log.warn({ tenant: slug, ...fields }, 'a tenant is over its quota: further runs begin when there is room')
}

/** How many events; whoever calls has taken the mark. */
async function releaseOf({ client, limits, log }: CountingDeps, tenant: TenantId): Promise<number> {
  const room = await readRoom(client, tenant, limits)
  const most = Math.min(mostReleased, room.events, Math.ceil(room.runs / room.connections))
  const released = most > 0 ? await releaseOldest(client, tenant, most) : 0
  if (isFull(room)) await updateMark(client, tenant, room)
  if (released > 0 || !isAmple(room, limits)) return released
  const slug = await unmark(client, tenant)
  if (slug !== undefined) {
    log.info({ tenant: slug }, 'a tenant is within its quota again, and nothing of it is deferred')
  }
  return released
}
