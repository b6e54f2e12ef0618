/** Stores deliveries: those that arrive during a commit share the next one. Their events are dispatched after the answer. */
import type pg from 'pg'

import { newEventId } from '../../base/ids.ts'
import type { Sealer } from '../../base/seal.ts'
import { keyed } from '../../keys/store/keyed.ts'
import { batched } from '../../postgres/batched.ts'
import { inTransaction, queryable } from '../../postgres/transaction.ts'
import type { EventStore, Recorded, VerifiedDelivery } from '../ports.ts'
import { type Incoming, sealBody } from './incoming.ts'
import { lockSubjects, storedInTurn, storeFresh, storeKnown } from './store-events.ts'

/** The most deliveries in one transaction. */
const batchSize = 200
/** A batch that hangs holds up the next one, and senders wait for five seconds at most. */
const limit = { atMost: 4_000 }

interface EventStoreDeps {
  readonly pool: pg.Pool
  readonly sealer: Sealer
  /** The installation key: identities are stored as keyed hashes. */
  readonly hashKey: Buffer
  /** Called after the commit of new events in the inbox. The answer waits for it. */
  readonly onNewEvents: () => Promise<void> | void
}

export function createEventStore(deps: EventStoreDeps): EventStore {
  const record = batched({ size: batchSize }, (batch: readonly Arrived[]) => recordBatch(deps, batch))
  return {
    record: ({ body, ...delivery }) => {
      const id = newEventId()
      const event = { ...delivery, identity: keyed(deps.hashKey, delivery.identity) }
      // Sealed outside of the batch, which then takes less time.
      return record({ id, key: keyOf(event), event, sealedBody: sealBody(deps.sealer, id, body) })
    },
  }
}

/** A delivery with the event that it becomes, unless the event exists. */
interface Arrived extends Pick<Incoming, 'id' | 'sealedBody'> {
  /** Equal for deliveries of one event. */
  readonly key: string
  readonly event: Omit<VerifiedDelivery, 'body'>
}

async function recordBatch(deps: EventStoreDeps, batch: readonly Arrived[]): Promise<readonly Recorded[]> {
  const incoming = mergeEqual(batch)
  const items = [...incoming.values()]
  const stored = await storedInTurn(
    items,
    (left) => recordFresh(deps, left),
    (left) => recordKnown(deps, left),
  )
  if ([...stored.values()].some(({ arrived }) => arrived)) await deps.onNewEvents()

  const answered = new Set<Incoming>()
  return batch.map(({ key }) => {
    const item = mustGet(incoming, key)
    const { event, isNew, runs } = mustGet(stored, item.id)
    const first = !answered.has(item)
    answered.add(item)
    const started = first ? runs : 0
    return { event, duplicate: !(first && isNew) && started === 0, runs: started }
  })
}

async function recordFresh({ pool }: EventStoreDeps, items: readonly Incoming[]) {
  return storeFresh(queryable(pool, limit), items)
}

async function recordKnown({ pool }: EventStoreDeps, items: readonly Incoming[]) {
  return inTransaction(
    pool,
    async (client) => {
      await lockSubjects(client, items, 'shared')
      return storeKnown(client, items)
    },
    limit,
  )
}

/** Twenty deliveries of one event in one batch are one row: a statement may not touch a row twice. */
function mergeEqual(batch: readonly Arrived[]): ReadonlyMap<string, Incoming> {
  const incoming = new Map<string, Incoming>()
  for (const { id, key, event, sealedBody } of batch) {
    const before = incoming.get(key)
    incoming.set(
      key,
      before === undefined
        ? { id, event, sealedBody, origin: event.origin ?? 'webhook', asked: [event.asked], deliveries: 1 }
        : {
            ...before,
            asked: [...new Set([...before.asked, event.asked])],
            deliveries: before.deliveries + 1,
          },
    )
  }
  return incoming
}

function keyOf({ tenant, identity }: Arrived['event']): string {
  return `${tenant.id} ${identity.toString('latin1')}`
}

function mustGet<K, V>(map: ReadonlyMap<K, V>, key: K): V {
  const value = map.get(key)
  if (value === undefined) throw new Error('a delivery of the batch went missing')
  return value
}
