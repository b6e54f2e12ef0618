/** Events that are there already when they are told of again. */
import type { EventId } from '../base/ids.ts'
import type { Incoming } from './incoming.ts'
import type { Queryable } from './transaction.ts'

/**
 * A webhook that was sent before a sweep found that very hire says nothing new: the sweep's run reads the application
 * later than that, and so does what the webhook asks for. `store_events` asks for the same.
 */
const foundBySweep = `events.origin = 'sweep' and events.tenant_id = given.tenant_id and events.subject = given.subject
  and events.name = given.name and events.received_at >= given.triggered_at and given.origin <> 'sweep'`

/** Counts the deliveries of events that are already there, and finds what was not asked for before. */
export async function askAgain(client: Queryable, items: readonly Incoming[]) {
  const known = new Map<EventId, { readonly id: EventId; readonly newlyAsked: readonly string[] }>()
  // In one order, so that two processes with the same events do not lock each other out.
  const ordered = items.toSorted((a, b) => Buffer.compare(a.event.identity, b.event.identity))
  for (const { id, origin, asked, deliveries, event } of ordered) {
    const { rows } = await client.query<{ id: EventId; before: string[] }>(
      `update events set deliveries = events.deliveries + $3,
         last_delivery_at = case when $3 > 0 then now() else last_delivery_at end,
         asked = (select array_agg(distinct name) from unnest(events.asked || $4::text[]) as name)
       from (
         select events.id, events.asked as before from events
         join (values ($1, $5, $6, $7::timestamptz, $8)) as given (tenant_id, subject, name, triggered_at, origin)
           on events.tenant_id = $1 and (events.identity = $2 or ${foundBySweep})
         order by (events.identity = $2) desc, events.received_at desc limit 1 for no key update of events
       ) as old
       where events.id = old.id
       returning events.id, old.before`,
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
    if (row === undefined) continue
    const newlyAsked = row.before.includes('*') ? [] : asked.filter((name) => !row.before.includes(name))
    known.set(id, { id: row.id, newlyAsked })
  }
  return known
}
