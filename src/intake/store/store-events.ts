/** Stores events: those of webhooks, and those that a sweep finds. */
import type { EventId } from '../../base/ids.ts'
import type { Queryable } from '../../postgres/transaction.ts'
import type { Incoming } from './incoming.ts'
import { countDeliveries } from './known-events.ts'

/**
 * Webhooks of one application do not block each other; a sweep that stores an event about it waits for them, and they for the sweep.
 * So the second sees what the first has stored. Held until the transaction ends, taken in a fixed order. Fresh webhooks
 * take the same locks in `store_events`.
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
  /** The event's id: a new one, or that of the stored event. Undefined: the event was pruned. */
  readonly event: EventId | undefined
  readonly isNew: boolean
  /** How many runs it starts. */
  readonly runs: number
  /** The event is in the inbox. */
  readonly arrived: boolean
}

type StoredById = ReadonlyMap<EventId, Stored>
type Store = (items: readonly Incoming[]) => Promise<StoredById>

/** Most events are new. A known one may be pruned between the two steps: then it is new after all. */
export async function storedInTurn(
  items: readonly Incoming[],
  fresh: Store,
  known: Store,
): Promise<StoredById> {
  const stored = new Map<EventId, Stored>()
  const left = () => items.filter(({ id }) => !stored.has(id))
  while (left().length > 0) {
    for (const [id, result] of await fresh(left())) stored.set(id, result)
    if (left().length > 0) for (const [id, result] of await known(left())) stored.set(id, result)
  }
  return stored
}

/**
 * Stores the new ones of the events. One call, and one transaction if the caller has none: the acknowledgement waits for it. Events
 * that exist already are not in the result.
 */
export async function storeFresh(client: Queryable, items: readonly Incoming[]): Promise<StoredById> {
  const { rows } = await client.query<{ event_id: EventId; runs: number }>(
    'select event_id, runs from store_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)',
    [
      items.map(({ id }) => id),
      items.map(({ event }) => event.tenant.id),
      items.map(({ event }) => event.name ?? null),
      items.map(({ event }) => event.subject ?? null),
      items.map(({ event }) => event.triggeredAt ?? null),
      items.map(({ event }) => event.identity),
      items.map(({ asked }) => asked.join(',')),
      items.map(({ sealedBody }) => sealedBody),
      items.map(({ deliveries }) => deliveries),
      items.map(({ origin }) => origin),
      items.map(({ event, asked }) => integrationsOf(event, asked)),
      items.map(({ event }) => event.stale ?? false),
    ],
  )
  return new Map(
    rows.map(({ event_id: event, runs }) => [event, { event, isNew: true, runs, arrived: true }]),
  )
}

/**
 * Counts the deliveries of events that exist already, and returns them to the inbox for integrations that are newly asked for. An event that
 * has been pruned is not in the result.
 */
export async function storeKnown(client: Queryable, items: readonly Incoming[]): Promise<StoredById> {
  const known = await countDeliveries(client, items)
  const asked = items.flatMap(({ id, event }) => {
    const before = known.get(id)
    return before?.id === undefined || before.newlyAsked.length === 0
      ? []
      : [
          {
            event: before.id,
            integrations: integrationsOf(event, before.newlyAsked),
            stale: event.stale ?? false,
          },
        ]
  })
  const runs = await returnToInbox(client, asked)
  return new Map(
    [...known].map(([id, { id: event }]) => {
      const starts = event === undefined ? undefined : runs.get(event)
      return [id, { event, isNew: false, runs: starts ?? 0, arrived: starts !== undefined }]
    }),
  )
}

interface Asked {
  readonly event: EventId
  /** Comma-separated. */
  readonly integrations: string
  readonly stale: boolean
}

/** An event still in the inbox keeps its integrations, and a new delivery counts against the quota again. Returns how many runs each event starts. */
const returnSql = `
  with given as (
    select events.id, events.tenant_id, string_to_array(string_agg(asked.integrations, ','), ',') as dispatch_to,
      bool_or(asked.stale) as stale
    from unnest($1::text[], $2::text[], $3::boolean[]) as asked (id, integrations, stale)
    join events on events.id = asked.id where events.subject is not null group by events.id
  ), arrived as (
    insert into inbox as before (event_id, dispatch_to, stale) select id, dispatch_to, stale from given order by id
    on conflict (event_id) do update set dispatch_to = before.dispatch_to || excluded.dispatch_to,
      stale = before.stale or excluded.stale, released = false
  )
  select given.id, (
    select count(*)::int from connections
    where connections.tenant_id = given.tenant_id and connections.enabled and connections.integration = any (given.dispatch_to)
      and not exists (select from runs where runs.event_id = given.id and runs.connection_id = connections.id)
  ) as runs
  from given`

async function returnToInbox(
  client: Queryable,
  asked: readonly Asked[],
): Promise<ReadonlyMap<EventId, number>> {
  if (asked.length === 0) return new Map()
  const { rows } = await client.query<{ id: EventId; runs: number }>(returnSql, [
    asked.map(({ event }) => event),
    asked.map(({ integrations }) => integrations),
    asked.map(({ stale }) => stale),
  ])
  return new Map(rows.map(({ id, runs }) => [id, runs]))
}

/** The integrations that are asked for and handle the event, comma-separated: a row has one text. */
function integrationsOf({ handledBy }: Incoming['event'], asked: readonly string[]): string {
  return (asked.includes('*') ? handledBy : handledBy.filter((name) => asked.includes(name))).join(',')
}
