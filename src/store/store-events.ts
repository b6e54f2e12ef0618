/** Events with their runs and jobs, in the caller's transaction: those that webhooks bring and those that a sweep finds. */
import type { EventId, RunId } from '../base/ids.ts'
import type { Sealer } from '../base/seal.ts'
import type { Incoming } from './incoming.ts'
import { askAgain, foundBySweep } from './known-events.ts'
import { looksChannel, signalSql } from './lift-watch.ts'
import { type Queue, wakeChannel } from './queue.ts'
import { type Queryable, type Transaction, withinTransaction } from './transaction.ts'

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
  const stored = await storedInTurn(
    items,
    (left) => storeFresh(deps, left),
    (left) => storeKnown(deps, left),
  )
  for (const channel of channelsOf([...stored.values()])) {
    deps.client.last('select pg_notify($1, $2)', [channel, ''])
  }
  return stored
}

type Store = (items: readonly Incoming[]) => Promise<ReadonlyMap<EventId, Stored>>

/** Most are new. Of the others one may be pruned between the two: then it is new after all. */
export async function storedInTurn(
  items: readonly Incoming[],
  fresh: Store,
  known: Store,
): Promise<ReadonlyMap<EventId, Stored>> {
  const stored = new Map<EventId, Stored>()
  const left = () => items.filter(({ id }) => !stored.has(id))
  while (left().length > 0) {
    for (const [id, one] of await fresh(left())) stored.set(id, one)
    if (left().length > 0) for (const [id, one] of await known(left())) stored.set(id, one)
  }
  return stored
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

/**
 * Those that are there already: their deliveries are counted, and what was not asked for before begins now. One that is gone
 * is not among the answers.
 */
export async function storeKnown(
  { client, queue }: Pick<StoreDeps, 'queue'> & { readonly client: Queryable },
  items: readonly Incoming[],
): Promise<ReadonlyMap<EventId, Stored>> {
  const known = await askAgain(client, items)
  const asked = items.flatMap(({ id, event }) => {
    const before = known.get(id)
    return before === undefined || before.newlyAsked.length === 0
      ? []
      : [{ id: before.id, integrations: integrationsOf(event, before.newlyAsked) }]
  })
  const begun = storedOf(await beginAsked({ client, queue }, asked), { isNew: false })
  return new Map(
    [...known].map(([id, { id: event }]) => [
      id,
      begun.get(event) ?? { event, isNew: false, runs: 0, due: false, looks: false },
    ]),
  )
}

async function beginAsked(
  { client, queue }: { readonly client: Queryable; readonly queue: Queue },
  asked: readonly { readonly id: EventId; readonly integrations: string }[],
): Promise<readonly StartedRow[]> {
  if (asked.length === 0) return []
  const { rows } = await client.query<StartedRow>(
    `with asked as (
       select events.id, events.tenant_id, events.subject, events.triggered_at, given.integrations
       from unnest($1::text[], $2::text[]) as given (id, integrations) join events on events.id = given.id
     ), ${beginning(queue)}`,
    [asked.map(({ id }) => id), asked.map(({ integrations }) => integrations)],
  )
  return rows
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
