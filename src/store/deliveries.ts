/** Stores deliveries: event, runs and jobs commit together, and deliveries that arrive meanwhile share the next commit. */
import type pg from 'pg'

import { type EventId, newEventId, type RunId } from '../base/ids.ts'
import type { Sealer } from '../base/seal.ts'
import type { EventStore, Recorded, VerifiedDelivery } from '../intake/ports.ts'
import { batched } from './batched.ts'
import { signal } from './lift-watch.ts'
import type { Queue } from './queue.ts'
import { inTransaction, type Queryable } from './transaction.ts'

/** How many deliveries one transaction takes at most. */
const batchSize = 200
/** A batch that hangs holds up the next one, and senders wait no longer than five seconds. */
const batchMilliseconds = 4_000

interface Incoming {
  readonly delivery: VerifiedDelivery
  readonly asked: readonly string[]
  readonly deliveries: number
  readonly id: EventId
}

export function createEventStore(deps: {
  readonly pool: pg.Pool
  readonly queue: Queue
  readonly sealer: Sealer
}): EventStore {
  const record = batched(batchSize, (batch: readonly VerifiedDelivery[]) =>
    inTransaction(deps.pool, (client) => recordBatch({ ...deps, client }, batch), {
      atMost: batchMilliseconds,
    }),
  )
  return { record }
}

interface BatchDeps {
  readonly client: Queryable
  readonly queue: Queue
  readonly sealer: Sealer
}

async function recordBatch(
  deps: BatchDeps,
  batch: readonly VerifiedDelivery[],
): Promise<readonly Recorded[]> {
  const incoming = mergeEqual(batch)
  const inserted = await insertEvents(deps, [...incoming.values()])
  const known = await askAgain(
    deps.client,
    [...incoming.values()].filter((item) => !inserted.has(item.id)),
  )

  const fresh = [...incoming.values()].flatMap((item) => {
    if (inserted.has(item.id)) return [{ event: item.id, item, asked: item.asked }]
    const before = known.get(item.id)
    return before === undefined || before.newlyAsked.length === 0
      ? []
      : [{ event: before.id, item, asked: before.newlyAsked }]
  })
  // Before this delivery's own runs exist: those are fresh already.
  await signal(
    deps.client,
    fresh.flatMap(({ item: { delivery } }) =>
      delivery.subject === undefined ? [] : [{ tenant: delivery.tenant.id, subject: delivery.subject }],
    ),
  )
  const runs = await insertRuns(deps.client, fresh)
  await deps.queue.send(
    deps.client,
    runs.map(({ id, next_at: at }) => ({ run: id, turn: 1, ...(at !== null && { at }) })),
  )

  const answered = new Set<Incoming>()
  return batch.map((delivery) => {
    const item = mustGet(incoming, keyOf(delivery))
    const event = known.get(item.id)?.id ?? item.id
    const started = answered.has(item) ? 0 : runs.filter((run) => run.event_id === event).length
    const isNew = inserted.has(item.id) && !answered.has(item)
    answered.add(item)
    return { event, duplicate: !isNew && started === 0, runs: started }
  })
}

/** Twenty deliveries of one event in one batch are one row: a statement may not touch a row twice. */
function mergeEqual(batch: readonly VerifiedDelivery[]): ReadonlyMap<string, Incoming> {
  const incoming = new Map<string, Incoming>()
  for (const delivery of batch) {
    const before = incoming.get(keyOf(delivery))
    incoming.set(keyOf(delivery), {
      delivery,
      id: before?.id ?? newEventId(),
      asked: [...new Set([...(before?.asked ?? []), delivery.asked])],
      deliveries: (before?.deliveries ?? 0) + 1,
    })
  }
  return incoming
}

function keyOf({ tenant, identity }: VerifiedDelivery): string {
  return `${tenant.id} ${identity.toString('hex')}`
}

async function insertEvents(
  { client, sealer }: BatchDeps,
  items: readonly Incoming[],
): Promise<ReadonlySet<EventId>> {
  const { rows } = await client.query<{ id: EventId }>(
    `insert into events (id, tenant_id, name, subject, triggered_at, identity, asked, sealed_body, deliveries)
     select id, tenant_id, name, subject, triggered_at, identity, string_to_array(asked, ','), sealed_body, deliveries
     from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::bytea[], $7::text[], $8::bytea[], $9::int[])
       as given (id, tenant_id, name, subject, triggered_at, identity, asked, sealed_body, deliveries)
     order by tenant_id, identity
     on conflict (tenant_id, identity) do nothing
     returning id`,
    [
      items.map(({ id }) => id),
      items.map(({ delivery }) => delivery.tenant.id),
      items.map(({ delivery }) => delivery.name ?? null),
      items.map(({ delivery }) => delivery.subject ?? null),
      items.map(({ delivery }) => delivery.triggeredAt ?? null),
      items.map(({ delivery }) => delivery.identity),
      items.map(({ asked }) => asked.join(',')),
      items.map(({ id, delivery }) => sealer.seal(delivery.body, `event:${id}:body`)),
      items.map(({ deliveries }) => deliveries),
    ],
  )
  return new Set(rows.map(({ id }) => id))
}

/** Counts the deliveries of events that are already there, and finds what was not asked for before. */
async function askAgain(client: Queryable, items: readonly Incoming[]) {
  const known = new Map<EventId, { readonly id: EventId; readonly newlyAsked: readonly string[] }>()
  for (const { id, asked, deliveries, delivery } of items) {
    const { rows } = await client.query<{ id: EventId; before: string[] }>(
      `update events set deliveries = events.deliveries + $3, last_delivery_at = now(),
         asked = (select array_agg(distinct name) from unnest(events.asked || $4::text[]) as name)
       from (select id, asked as before from events where tenant_id = $1 and identity = $2 for update) as old
       where events.id = old.id
       returning events.id, old.before`,
      [delivery.tenant.id, delivery.identity, deliveries, asked],
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

/** A run for each enabled connection that handles the event and was asked for. */
async function insertRuns(client: Queryable, fresh: readonly FreshEvent[]) {
  const wanted = fresh.map(({ event, item, asked }) => {
    const { handledBy } = item.delivery
    const integrations = asked.includes('*') ? handledBy : handledBy.filter((name) => asked.includes(name))
    return { event, integrations }
  })
  if (wanted.every(({ integrations }) => integrations.length === 0)) return []
  const { rows } = await client.query<{ id: RunId; event_id: EventId; next_at: Date | null }>(
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
       returning id, event_id, next_at
     ), told as (
       insert into run_history (run_id, attempt, state) select id, 0, 'queued' from started
     )
     select id, event_id, next_at from started`,
    [wanted.map(({ event }) => event), wanted.map(({ integrations }) => integrations.join(','))],
  )
  return rows
}

function mustGet<K, V>(map: ReadonlyMap<K, V>, key: K): V {
  const value = map.get(key)
  if (value === undefined) throw new Error('a delivery of the batch went missing')
  return value
}
