/** Stores and dispatches the events of hires that a sweep has found, in the transaction that moves its cursor. */
import { channelsOf, dispatchEvents } from '../../dispatch/store/start-runs.ts'
import type { Incoming } from '../../intake/store/incoming.ts'
import { storedInTurn, storeFresh, storeKnown } from '../../intake/store/store-events.ts'
import type { Transaction } from '../../postgres/transaction.ts'
import type { Queue } from '../../queue/store/queue.ts'

/** Returns how many runs were started. */
export async function storeFound(
  { client, queue }: { readonly client: Transaction; readonly queue: Queue },
  items: readonly Incoming[],
): Promise<number> {
  const stored = await storedInTurn(
    items,
    (left) => storeFresh(client, left),
    (left) => storeKnown(client, left),
  )
  const events = [...stored.values()].flatMap(({ event, arrived }) =>
    arrived && event !== undefined ? [event] : [],
  )
  const dispatched = [...(await dispatchEvents({ client, queue }, { most: events.length, events })).values()]
  for (const channel of channelsOf(dispatched)) client.last('select pg_notify($1, $2)', [channel, ''])
  return dispatched.reduce((sum, { runs }) => sum + runs, 0)
}
