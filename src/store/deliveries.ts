/** Stores deliveries: those that arrive while others are written share the next commit. Runs begin after the answer. */
import type pg from 'pg'

import { newEventId } from '../base/ids.ts'
import type { Sealer } from '../base/seal.ts'
import type { EventStore, Recorded, VerifiedDelivery } from '../intake/ports.ts'
import { batched } from './batched.ts'
import { channelsOf } from './begin-runs.ts'
import type { Incoming } from './incoming.ts'
import type { Queue } from './queue.ts'
import { lockSubjects, storedInTurn, storeFresh, storeKnown } from './store-events.ts'
import { inTransaction, queryable } from './transaction.ts'

/** How many deliveries one transaction takes at most. */
const batchSize = 200
/** A batch that hangs holds up the next one, and senders wait no longer than five seconds. */
const limit = { atMost: 4_000 }

interface EventStoreDeps {
  readonly pool: pg.Pool
  readonly queue: Queue
  readonly sealer: Sealer
  /** There are new arrivals, committed. The answer waits until it is done with them. */
  readonly onArrivals: () => Promise<void> | void
}

export function createEventStore(deps: EventStoreDeps): EventStore {
  return { record: batched({ size: batchSize }, (batch) => recordBatch(deps, batch)) }
}

async function recordBatch(
  deps: EventStoreDeps,
  batch: readonly VerifiedDelivery[],
): Promise<readonly Recorded[]> {
  const { queue, onArrivals } = deps
  const incoming = mergeEqual(batch)
  const items = [...incoming.values()]
  const stored = await storedInTurn(
    items,
    (left) => recordFresh(deps, left),
    (left) => recordKnown(deps, left),
  )
  queue.announce(channelsOf([...stored.values()].flatMap(({ begun }) => begun ?? [])))
  if ([...stored.values()].some(({ isNew }) => isNew)) await onArrivals()

  const answered = new Set<Incoming>()
  return batch.map((delivery) => {
    const item = mustGet(incoming, keyOf(delivery))
    const { event, isNew, runs } = mustGet(stored, item.id)
    const first = !answered.has(item)
    answered.add(item)
    const started = first ? runs : 0
    return { event, duplicate: !(first && isNew) && started === 0, runs: started }
  })
}

async function recordFresh({ pool, sealer }: EventStoreDeps, items: readonly Incoming[]) {
  return storeFresh({ client: queryable(pool, limit), sealer }, items)
}

async function recordKnown({ pool, queue }: EventStoreDeps, items: readonly Incoming[]) {
  return inTransaction(
    pool,
    async (client) => {
      await lockSubjects(client, items, 'shared')
      return storeKnown({ queue, client }, items)
    },
    limit,
  )
}

/** Twenty deliveries of one event in one batch are one row: a statement may not touch a row twice. */
function mergeEqual(batch: readonly VerifiedDelivery[]): ReadonlyMap<string, Incoming> {
  const incoming = new Map<string, Incoming>()
  for (const delivery of batch) {
    const before = incoming.get(keyOf(delivery))
    incoming.set(keyOf(delivery), {
      event: delivery,
      origin: delivery.origin ?? 'webhook',
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

function mustGet<K, V>(map: ReadonlyMap<K, V>, key: K): V {
  const value = map.get(key)
  if (value === undefined) throw new Error('a delivery of the batch went missing')
  return value
}
