/** Events that are there already when they are told of again. */
import type { EventId } from '../../base/ids.ts'
import type { Queryable } from '../../postgres/transaction.ts'
import type { Incoming } from './incoming.ts'

/**
 * A webhook that was sent before a sweep found that very hire says nothing new: the sweep's run reads the application
 * later than that, and so does what the webhook asks for. `store_events` asks for the same.
 */
const foundBySweep = `events.origin = 'sweep' and events.tenant_id = given.tenant_id and events.subject = given.subject
  and events.name = given.name and events.received_at >= given.triggered_at and given.origin <> 'sweep'`

interface Known {
  /** Undefined: it was pruned, and nothing of it starts again. */
  readonly id: EventId | undefined
  readonly newlyAsked: readonly string[]
}

/**
 * Counts the deliveries of events that are already there, and finds what was not asked for before. What names no integration asks
 * for all of them the first time that a webhook tells of the event, and for nothing new afterwards: the query is not signed, and
 * whoever has caught a body that was sent for one integration must not start the others with it.
 */
export async function askAgain(
  client: Queryable,
  items: readonly Incoming[],
): Promise<ReadonlyMap<EventId, Known>> {
  const known = new Map<EventId, Known>()
  // In one order, so that two processes with the same events do not lock each other out.
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
 * Before the updates, which then begin with what is there by now. An update that meets a version of before waits for whoever has it, and for
 * the runs that are just beginning of it: two that do so wait for each other.
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
