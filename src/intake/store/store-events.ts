/** Events into the database: those that webhooks bring, and those that a sweep finds. */
import type { EventId } from '../../base/ids.ts'
import { beginArrived, beginAsked, type Begun, channelsOf } from '../../dispatch/store/start-runs.ts'
import type { Queryable, Transaction } from '../../postgres/transaction.ts'
import type { Queue } from '../../queue/store/queue.ts'
import type { Incoming } from './incoming.ts'
import { askAgain } from './known-events.ts'

/**
 * Webhooks of one application pass each other; a sweep that stores an event about it waits for them, and they for it.
 * So whoever comes second sees what the first has stored. Held until the transaction ends, always taken in one order. Fresh webhooks
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
  /** The event's id: a new one, or that of the event that was there. Undefined: the event was pruned. */
  readonly event: EventId | undefined
  readonly isNew: boolean
  /** How many begin. */
  readonly runs: number
  /** Undefined while none has begun: the event is among the arrivals. */
  readonly begun?: Begun
}

type StoredById = ReadonlyMap<EventId, Stored>
type Store = (items: readonly Incoming[]) => Promise<StoredById>

interface StoreDeps {
  readonly client: Transaction
  readonly queue: Queue
}

/** Events, runs and jobs of all of these, in the caller's transaction. One answer for each item, by its id. */
export async function storeEvents(deps: StoreDeps, items: readonly Incoming[]): Promise<StoredById> {
  const stored = await storedInTurn(
    items,
    (left) => storeFresh(deps.client, left),
    (left) => storeKnown(deps, left),
  )
  const events = [...stored.values()].flatMap(({ event, isNew }) =>
    isNew && event !== undefined ? [event] : [],
  )
  const begun = await beginArrived(deps, { most: events.length, events })
  const known = [...stored.values()].flatMap((one) => one.begun ?? [])
  for (const channel of channelsOf([...known, ...begun.values()])) {
    deps.client.last('select pg_notify($1, $2)', [channel, ''])
  }
  return new Map(
    [...stored].map(([id, one]) => [
      id,
      { ...one, runs: (one.event && begun.get(one.event)?.runs) ?? one.runs },
    ]),
  )
}

/** Most are new. Of the others one may be gone between the two: then it is new after all. */
export async function storedInTurn(
  items: readonly Incoming[],
  fresh: Store,
  known: Store,
): Promise<StoredById> {
  const stored = new Map<EventId, Stored>()
  const left = () => items.filter(({ id }) => !stored.has(id))
  while (left().length > 0) {
    for (const [id, one] of await fresh(left())) stored.set(id, one)
    if (left().length > 0) for (const [id, one] of await known(left())) stored.set(id, one)
  }
  return stored
}

/**
 * Those of the events that are new. One call, and one transaction unless there is one: acknowledging waits for it. An event that is
 * there already is not among the answers.
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
  return new Map(rows.map(({ event_id: event, runs }) => [event, { event, isNew: true, runs }]))
}

/**
 * Those that are there already: their deliveries are counted, and what was not asked for before begins now. One that is gone
 * is not among the answers.
 */
export async function storeKnown(
  { client, queue }: { readonly client: Queryable; readonly queue: Queue },
  items: readonly Incoming[],
): Promise<StoredById> {
  const known = await askAgain(client, items)
  const asked = items.flatMap(({ id, event }) => {
    const before = known.get(id)
    return before?.id === undefined || before.newlyAsked.length === 0
      ? []
      : [
          {
            id: before.id,
            integrations: integrationsOf(event, before.newlyAsked),
            stale: event.stale ?? false,
          },
        ]
  })
  const begun = await beginAsked({ client, queue }, asked)
  return new Map(
    [...known].map(([id, { id: event }]) => {
      const of = event && begun.get(event)
      return [id, { event, isNew: false, runs: of?.runs ?? 0, ...(of && { begun: of }) }]
    }),
  )
}

/** Asked for and handled, as one text: a row has one. */
function integrationsOf({ handledBy }: Incoming['event'], asked: readonly string[]): string {
  return (asked.includes('*') ? handledBy : handledBy.filter((name) => asked.includes(name))).join(',')
}
