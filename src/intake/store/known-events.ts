/** Further deliveries of events that are stored already. */
import type { EventId } from '../../base/ids.ts'
import type { Queryable } from '../../postgres/transaction.ts'
import type { Incoming } from './incoming.ts'

/**
 * A webhook that was sent before a sweep found the same hire says nothing new: the sweep's run reads the application
 * after that, as the webhook's own run would. `store_events` has the same condition.
 */
const foundBySweep = `events.origin = 'sweep' and events.tenant_id = given.tenant_id and events.subject = given.subject
  and events.name = given.name and events.received_at >= given.triggered_at and given.origin <> 'sweep'`

interface Known {
  /** Undefined: the event was pruned, and starts nothing again. */
  readonly id: EventId | undefined
  readonly newlyAsked: readonly string[]
}

/**
 * Counts the deliveries of stored events, and finds the integrations that are newly asked for. A delivery that names no integration
 * asks for all of them if it is the event's first webhook, and for nothing new afterwards: the query is not signed, and a captured
 * body for one integration must not start the others.
 */
export async function countDeliveries(
  client: Queryable,
  items: readonly Incoming[],
): Promise<ReadonlyMap<EventId, Known>> {
  const known = new Map<EventId, Known>()
  // In a fixed order, so that two processes with the same events do not deadlock.
  const ordered = items.toSorted((a, b) => Buffer.compare(a.event.identity, b.event.identity))
  await lockEvents(client, ordered)
  for (const { id, origin, asked, deliveries, event } of ordered) {
    const { rows } = await client.query<{ id: EventId; before: string[]; told: boolean }>(
      `update events set deliveries = events.deliveries + $3,
         last_delivery_at = case when $3 > 0 then now() else last_delivery_at end,
         asked = (select array_agg(distinct name) from unnest(events.asked || $4::text[]) as name
           where name <> '*' or not old.told or '*' = any (events.asked))
       from (
         select events.id, events.asked as before, events.deliveries > 0 as told from events
         join (values ($1, $5, $6, $7::timestamptz, $8)) as given (tenant_id, subject, name, triggered_at, origin)
           on events.tenant_id = $1 and (events.identity = $2 or ${foundBySweep})
         order by (events.identity = $2) desc, events.received_at desc limit 1 for no key update of events
       ) as old
       where events.id = old.id
       returning events.id, old.before, old.told`,
      [
        event.tenant.id,
        event.identity,
        deliveries,
        asked,
        event.subject ?? null,
        event.name ?? null,
        event.triggeredAt ?? null,
        origin,
      ],
    )
    const [row] = rows
    if (row === undefined) {
      if (await isPruned(client, event)) known.set(id, { id: undefined, newlyAsked: [] })
      continue
    }
    const asks = row.told ? asked.filter((name) => name !== '*') : asked
    const newlyAsked = row.before.includes('*') ? [] : asks.filter((name) => !row.before.includes(name))
    known.set(id, { id: row.id, newlyAsked })
  }
  return known
}

/**
 * Locks the events before the updates, which then start from the current rows. An update that meets an older version waits for its
 * writer and for the runs that are being dispatched from it: two of those would wait for each other.
 */
async function lockEvents(client: Queryable, items: readonly Incoming[]): Promise<void> {
  await client.query(
    `select from events join unnest($1::text[], $2::bytea[]) as given (tenant_id, identity)
       on events.tenant_id = given.tenant_id and events.identity = given.identity
     order by events.identity, events.tenant_id for no key update of events`,
    [items.map(({ event }) => event.tenant.id), items.map(({ event }) => event.identity)],
  )
}

async function isPruned(client: Queryable, { tenant, identity }: Incoming['event']): Promise<boolean> {
  const { rowCount } = await client.query('select from tombstones where tenant_id = $1 and identity = $2', [
    tenant.id,
    identity,
  ])
  return rowCount === 1
}
