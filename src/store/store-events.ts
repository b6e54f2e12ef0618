/** Events with their runs and jobs, in the caller's transaction: those that webhooks bring and those that a sweep finds. */
import type { EventId, RunId, TenantId } from '../base/ids.ts'
import type { Sealer } from '../base/seal.ts'
import type { VerifiedDelivery } from '../intake/ports.ts'
import { looksChannel, signalSql } from './lift-watch.ts'
import { type Queue, wakeChannel } from './queue.ts'
import { type Queryable, type Transaction, withinTransaction } from './transaction.ts'

/** What is to be stored of one event: deliveries of it, merged, or a hire that a sweep has found. */
export interface Incoming {
  readonly id: EventId
  readonly origin: 'webhook' | 'quarantine' | 'sweep'
  readonly event: Omit<VerifiedDelivery, 'tenant' | 'asked'> & { readonly tenant: { readonly id: TenantId } }
  readonly asked: readonly string[]
  readonly deliveries: number
}

export interface StoreDeps {
  readonly client: Transaction
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
  /** How many begin. */
  readonly runs: number
  /** One of them begins now. */
  readonly due: boolean
  /** Something is to be looked at anew. */
  readonly looks: boolean
}

/** Events, runs and jobs of all of these, in the caller's transaction. One answer for each item, by its id. */
export async function storeEvents(
  deps: StoreDeps,
  items: readonly Incoming[],
): Promise<ReadonlyMap<EventId, Stored>> {
  const fresh = await storeFresh(deps, items)
  const known = await storeKnown(
    deps,
    items.filter(({ id }) => !fresh.has(id)),
  )
  for (const channel of channelsOf([...fresh.values(), ...known.values()])) {
    deps.client.last('select pg_notify($1, $2)', [channel, ''])
  }
  return new Map([...fresh, ...known])
}

/** Who is to be told of what was stored. */
export function channelsOf(stored: readonly Stored[]): readonly string[] {
  return [
    ...(stored.some(({ due }) => due) ? [wakeChannel] : []),
    ...(stored.some(({ looks }) => looks) ? [looksChannel] : []),
  ]
}

/**
 * Those of the events that are new, with their runs and jobs. What was there before them about their applications is looked
 * at anew. One statement, since acknowledging waits for it; an event that is there already is not among the answers.
 */
export async function storeFresh(
  { client, queue, sealer }: Pick<StoreDeps, 'queue' | 'sealer'> & { readonly client: Queryable },
  items: readonly Incoming[],
): Promise<ReadonlyMap<EventId, Stored>> {
  if (items.length === 0) return new Map()
  const { rows } = await client.query<StartedRow>(
    `with given as (
       select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::bytea[], $7::text[],
         $8::bytea[], $9::int[], $10::text[], $11::text[])
       as given (id, tenant_id, name, subject, triggered_at, identity, asked, sealed_body, deliveries, origin, integrations)
     ), stored as (
       insert into events (id, tenant_id, name, subject, triggered_at, identity, asked, sealed_body, deliveries, origin)
       select id, tenant_id, name, subject, triggered_at, identity, string_to_array(asked, ','), sealed_body, deliveries, origin
       from given
       where ${withinTransaction} and not exists (select from events where ${foundBySweep})
       order by tenant_id, identity
       on conflict (tenant_id, identity) do nothing
       returning id, tenant_id, subject, triggered_at
     ), asked as (
       select stored.*, given.integrations from stored join given using (id)
     ), ${beginning(queue)}`,
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
      items.map(({ event, asked }) => integrationsOf(event, asked)),
    ],
  )
  return storedOf(rows, { isNew: true })
}

/** Those that are there already: their deliveries are counted, and what was not asked for before begins now. */
export async function storeKnown(
  { client, queue }: Pick<StoreDeps, 'queue'> & { readonly client: Queryable },
  items: readonly Incoming[],
): Promise<ReadonlyMap<EventId, Stored>> {
  if (items.length === 0) return new Map()
  const known = await askAgain(client, items)
  const asked = items.flatMap(({ id, event }) => {
    const before = known.get(id)
    return before === undefined || before.newlyAsked.length === 0
      ? []
      : [{ id: before.id, integrations: integrationsOf(event, before.newlyAsked) }]
  })
  const { rows } = await client.query<StartedRow>(
    `with asked as (
       select events.id, events.tenant_id, events.subject, events.triggered_at, given.integrations
       from unnest($1::text[], $2::text[]) as given (id, integrations) join events on events.id = given.id
     ), ${beginning(queue)}`,
    [asked.map(({ id }) => id), asked.map(({ integrations }) => integrations)],
  )
  const begun = storedOf(rows, { isNew: false })
  return new Map(
    items.map(({ id }) => {
      const event = known.get(id)?.id
      if (event === undefined) throw new Error('an event was there, and is gone')
      return [id, begun.get(event) ?? { event, isNew: false, runs: 0, due: false, looks: false }]
    }),
  )
}

/** Asked for and handled, as one text: a row has one. */
function integrationsOf({ handledBy }: Incoming['event'], asked: readonly string[]): string {
  return (asked.includes('*') ? handledBy : handledBy.filter((name) => asked.includes(name))).join(',')
}

/** A row for each event and each of its runs. */
interface StartedRow {
  readonly event_id: EventId
  readonly run_id: RunId | null
  readonly next_at: Date | null
  readonly looks: boolean
}

/**
 * The rest of a statement, behind its `asked`: a run with its job for each enabled connection of those integrations. The looks are
 * about what was there before the statement: their own runs are fresh anyway.
 */
function beginning(queue: Queue): string {
  return `signalled as (${signalSql('asked')} returning 1),
    started as (
      insert into runs (id, tenant_id, connection_id, event_id, integration, subject, next_at, reason)
      select 'run_' || substr(asked.id, 5) || '_' || connections.integration, asked.tenant_id, connections.id, asked.id,
        connections.integration, asked.subject, begins.at,
        case when begins.at is not null then 'Begins only then, as its connection says, in case the hire is undone before.' end
      from asked
      join connections on connections.tenant_id = asked.tenant_id and connections.enabled
        and connections.integration = any (string_to_array(asked.integrations, ','))
      -- The delay counts from the hire; a clock of Pinpoint's that is ahead makes it no longer.
      cross join lateral (
        select nullif(greatest(now(), least(now(), coalesce(asked.triggered_at, now()))
          + make_interval(secs => connections.delay_seconds)), now()) as at
      ) as begins
      on conflict do nothing
      returning id, event_id, connection_id, next_at
    ), told as (
      insert into run_history (run_id, attempt, state) select id, 0, 'queued' from started
    ), sent as (${queue.sendSql('started')})
    select asked.id as event_id, started.id as run_id, started.next_at, exists (select from signalled) as looks
    from asked left join started on started.event_id = asked.id`
}

function storedOf(
  rows: readonly StartedRow[],
  { isNew }: Pick<Stored, 'isNew'>,
): ReadonlyMap<EventId, Stored> {
  const byEvent = Map.groupBy(rows, ({ event_id }) => event_id)
  return new Map(
    [...byEvent].map(([event, of]) => {
      const runs = of.filter(({ run_id }) => run_id !== null)
      const due = runs.some(({ next_at }) => next_at === null)
      return [event, { event, isNew, runs: runs.length, due, looks: of.some(({ looks }) => looks) }]
    }),
  )
}

/**
 * A webhook that was sent before a sweep found that very hire says nothing new: the sweep's run reads the application
 * later than that, and so does what the webhook asks for.
 */
const foundBySweep = `events.origin = 'sweep' and events.tenant_id = given.tenant_id and events.subject = given.subject
  and events.name = given.name and events.received_at >= given.triggered_at and given.origin <> 'sweep'`

/** Counts the deliveries of events that are already there, and finds what was not asked for before. */
async function askAgain(client: Queryable, items: readonly Incoming[]) {
  const known = new Map<EventId, { readonly id: EventId; readonly newlyAsked: readonly string[] }>()
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
