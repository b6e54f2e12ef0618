/** Events with their runs and jobs, in the caller's transaction: those that webhooks bring and those that a sweep finds. */
import type { ConnectionId, EventId, RunId, TenantId } from '../base/ids.ts'
import type { Sealer } from '../base/seal.ts'
import type { VerifiedDelivery } from '../intake/ports.ts'
import { signal } from './lift-watch.ts'
import type { Queue } from './queue.ts'
import type { Queryable } from './transaction.ts'

/** What is to be stored of one event: deliveries of it, merged, or a hire that a sweep has found. */
export interface Incoming {
  readonly id: EventId
  readonly origin: 'webhook' | 'quarantine' | 'sweep'
  readonly event: Omit<VerifiedDelivery, 'tenant' | 'asked'> & { readonly tenant: { readonly id: TenantId } }
  readonly asked: readonly string[]
  readonly deliveries: number
}

export interface StoreDeps {
  readonly client: Queryable
  readonly queue: Queue
  readonly sealer: Sealer
}

/**
 * Webhooks of one application pass each other; a sweep that stores an event about it waits for them, and they for it.
 * So whoever comes second sees what the first has stored. Held until the transaction ends, always taken in one order.
 */
export async function lockSubjects(
  client: Queryable,
  items: readonly { readonly event: Pick<Incoming['event'], 'tenant' | 'subject'> }[],
  how: 'shared' | 'alone',
): Promise<void> {
  const about = items.flatMap(({ event: { tenant, subject } }) =>
    subject === undefined ? [] : [`${tenant.id} ${subject}`],
  )
  if (about.length === 0) return
  await client.query(
    `select pg_advisory_xact_lock${how === 'shared' ? '_shared' : ''}(key) from (
       select distinct hashtextextended(name, 0) as key from unnest($1::text[]) as about (name) order by key) as keys`,
    [about],
  )
}

export interface Stored {
  /** The event's id: a new one, or that of the event that was there. */
  readonly event: EventId
  readonly isNew: boolean
  readonly runs: number
}

/** Events, runs and jobs of all of these, in the caller's transaction. One answer for each item, by its id. */
export async function storeEvents(
  deps: StoreDeps,
  items: readonly Incoming[],
): Promise<ReadonlyMap<EventId, Stored>> {
  const { inserted, known } = await insertOrFind(deps, items)
  const fresh = items.flatMap((item) => {
    if (inserted.has(item.id)) return [{ event: item.id, item, asked: item.asked }]
    const before = known.get(item.id)
    return before === undefined || before.newlyAsked.length === 0
      ? []
      : [{ event: before.id, item, asked: before.newlyAsked }]
  })
  // Before this delivery's own runs exist: those are fresh already.
  await signal(
    deps.client,
    fresh.flatMap(({ item: { event } }) =>
      event.subject === undefined ? [] : [{ tenant: event.tenant.id, subject: event.subject }],
    ),
  )
  const runs = await insertRuns(deps.client, fresh)
  await deps.queue.send(
    deps.client,
    runs.map(({ id, connection_id: connection, next_at: at }) => ({
      run: id,
      turn: 1,
      connection,
      ...(at !== null && { at }),
    })),
  )
  return new Map(
    items.map((item) => {
      const event = known.get(item.id)?.id ?? item.id
      const started = runs.filter((run) => run.event_id === event).length
      return [item.id, { event, isNew: inserted.has(item.id), runs: started }]
    }),
  )
}

type Known = Map<EventId, { readonly id: EventId; readonly newlyAsked: readonly string[] }>

async function insertOrFind(deps: StoreDeps, items: readonly Incoming[]) {
  const inserted = new Set<EventId>()
  const known: Known = new Map()
  let left = items
  while (left.length > 0) {
    for (const id of await insertEvents(deps, left)) inserted.add(id)
    const there = left.filter((item) => !inserted.has(item.id))
    for (const [id, event] of await askAgain(deps.client, there)) known.set(id, event)
    // Was there when it was inserted and pruned by the time that it was found: it is new after all.
    left = there.filter((item) => !known.has(item.id))
  }
  return { inserted, known }
}

/**
 * A webhook that was sent before a sweep found that very hire says nothing new: the sweep's run reads the application
 * later than that, and so does what the webhook asks for.
 */
const foundBySweep = `events.origin = 'sweep' and events.tenant_id = given.tenant_id and events.subject = given.subject
  and events.name = given.name and events.received_at >= given.triggered_at and given.origin <> 'sweep'`

async function insertEvents(
  { client, sealer }: StoreDeps,
  items: readonly Incoming[],
): Promise<ReadonlySet<EventId>> {
  const { rows } = await client.query<{ id: EventId }>(
    `insert into events (id, tenant_id, name, subject, triggered_at, identity, asked, sealed_body, deliveries, origin)
     select id, tenant_id, name, subject, triggered_at, identity, string_to_array(asked, ','), sealed_body, deliveries, origin
     from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::bytea[], $7::text[], $8::bytea[],
         $9::int[], $10::text[])
       as given (id, tenant_id, name, subject, triggered_at, identity, asked, sealed_body, deliveries, origin)
     where not exists (select from events where ${foundBySweep})
     order by tenant_id, identity
     on conflict (tenant_id, identity) do nothing
     returning id`,
    [
      items.map(({ id }) => id),
      items.map(({ event }) => event.tenant.id),
      items.map(({ event }) => event.name ?? null),
      items.map(({ event }) => event.subject ?? null),
      items.map(({ event }) => event.triggeredAt ?? null),
      items.map(({ event }) => event.identity),
      items.map(({ asked }) => asked.join(',')),
      items.map(({ id, event }) => sealer.seal(event.body, `event:${id}:body`)),
      items.map(({ deliveries }) => deliveries),
      items.map(({ origin }) => origin),
    ],
  )
  return new Set(rows.map(({ id }) => id))
}

/** Counts the deliveries of events that are already there, and finds what was not asked for before. */
async function askAgain(client: Queryable, items: readonly Incoming[]): Promise<Known> {
  const known: Known = new Map()
  for (const { id, origin, asked, deliveries, event } of items) {
    const { rows } = await client.query<{ id: EventId; before: string[] }>(
      `update events set deliveries = events.deliveries + $3,
         last_delivery_at = case when $3 > 0 then now() else last_delivery_at end,
         asked = (select array_agg(distinct name) from unnest(events.asked || $4::text[]) as name)
       from (
         select events.id, events.asked as before from events
         join (values ($1, $5, $6, $7::timestamptz, $8)) as given (tenant_id, subject, name, triggered_at, origin)
           on events.tenant_id = $1 and (events.identity = $2 or ${foundBySweep})
         order by (events.identity = $2) desc, events.received_at desc limit 1 for update of events
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

interface FreshEvent {
  readonly event: EventId
  readonly item: Incoming
  readonly asked: readonly string[]
}

interface StartedRow {
  readonly id: RunId
  readonly event_id: EventId
  readonly connection_id: ConnectionId
  readonly next_at: Date | null
}

/** A run for each enabled connection that handles the event and was asked for. */
async function insertRuns(client: Queryable, fresh: readonly FreshEvent[]) {
  const wanted = fresh.map(({ event, item, asked }) => {
    const { handledBy } = item.event
    const integrations = asked.includes('*') ? handledBy : handledBy.filter((name) => asked.includes(name))
    return { event, integrations }
  })
  if (wanted.every(({ integrations }) => integrations.length === 0)) return []
  const { rows } = await client.query<StartedRow>(
    `with started as (
       insert into runs (id, tenant_id, connection_id, event_id, integration, subject, next_at, reason)
       select 'run_' || substr(events.id, 5) || '_' || connections.integration, events.tenant_id, connections.id, events.id,
         connections.integration, events.subject, begins.at,
         case when begins.at is not null then 'Begins only then, as its connection says, in case the hire is undone before.' end
       from unnest($1::text[], $2::text[]) as wanted (event_id, integrations)
       join events on events.id = wanted.event_id
       join connections on connections.tenant_id = events.tenant_id and connections.enabled
         and connections.integration = any (string_to_array(wanted.integrations, ','))
       -- The delay counts from the hire; a clock of Pinpoint's that is ahead makes it no longer.
       cross join lateral (
         select nullif(greatest(now(), least(now(), coalesce(events.triggered_at, now()))
           + make_interval(secs => connections.delay_seconds)), now()) as at
       ) as begins
       on conflict do nothing
       returning id, event_id, connection_id, next_at
     ), told as (
       insert into run_history (run_id, attempt, state) select id, 0, 'queued' from started
     )
     select id, event_id, connection_id, next_at from started`,
    [wanted.map(({ event }) => event), wanted.map(({ integrations }) => integrations.join(','))],
  )
  return rows
}
