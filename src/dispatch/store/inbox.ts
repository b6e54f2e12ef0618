/** The inbox: events that are stored and acknowledged, and not dispatched yet. */
import pg from 'pg'

import type { EventId } from '../../base/ids.ts'
import type { Inbox, Quotas } from '../../intake/ports.ts'
import { type Log, safeError } from '../../observe/log.ts'
import { inTransaction, queryable } from '../../postgres/transaction.ts'
import type { Queue } from '../../queue/store/queue.ts'
import { channelsOf, dispatchEvents, type InboxChoice, noteDispatched } from './start-runs.ts'

/** Events per statement: enough to be cheap, few enough that webhooks hardly wait for it. */
const batchSize = 200

interface InboxDeps {
  readonly pool: pg.Pool
  readonly queue: Queue
  readonly quotas: Pick<Quotas, 'note' | 'check'>
  readonly log: Log
}

export function createInbox({ pool, queue, quotas, log }: InboxDeps): Inbox {
  const client = queryable(pool)

  async function dispatch(which: InboxChoice): Promise<readonly EventId[]> {
    const dispatched = await inTransaction(pool, (transaction) =>
      dispatchEvents({ client: transaction, queue }, which),
    )
    queue.announce(channelsOf([...dispatched.values()]))
    noteDispatched(quotas, dispatched.values())
    return [...dispatched.keys()]
  }

  /** Event by event, so that one that fails does not hold up the others. */
  async function dispatchEach(): Promise<Awaited<ReturnType<Inbox['dispatch']>>> {
    const { rows } = await client.query<{ event_id: EventId }>(
      'select event_id from inbox where next_at <= now() order by event_id limit $1',
      [batchSize],
    )
    const dispatched: EventId[] = []
    for (const { event_id: event } of rows) {
      try {
        dispatched.push(...(await dispatch({ most: 1, events: [event] })))
      } catch (error) {
        if (!(error instanceof pg.DatabaseError)) throw error
        log.error({ event, ...safeError(error) }, 'an event cannot be dispatched')
        await client.query(`update inbox set next_at = now() + interval '1 minute' where event_id = $1`, [
          event,
        ])
      }
    }
    // There may be more, even if every event of this batch has failed.
    return { events: dispatched, more: rows.length === batchSize }
  }

  async function dispatchSome(): ReturnType<Inbox['dispatch']> {
    try {
      const events = await dispatch({ most: batchSize })
      return { events, more: events.length === batchSize }
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error
      return dispatchEach()
    }
  }

  return {
    async dispatch() {
      const dispatched = await dispatchSome()
      await quotas.check()
      return dispatched
    },
  }
}
