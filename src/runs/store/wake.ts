/** Wakes runs whose wait is over: they keep their state, and are due. */
import type { ConnectionId, RunId } from '../../base/ids.ts'
import type { Transaction } from '../../postgres/transaction.ts'
import type { Queue } from '../../queue/store/queue.ts'
import { type Moved, moveRuns } from './transition.ts'

const due = { from: ['waiting'], to: 'waiting', set: { next_at: 'now()' }, line: 'none' } as const

/** Wakes the runs that waited for one of these runs to finish with the same person. */
export async function wake(client: Transaction, ended: readonly RunId[]): Promise<readonly Moved[]> {
  if (ended.length === 0) return []
  return moveRuns(client, { ...due, where: 'runs.waiting_for = any ($1)', values: [ended] })
}

/**
 * Wakes the runs that wait because the destination failed, for a probe or for their next attempt. Returns their number. Those that wait
 * until an unclear call must have become visible would only have to wait on.
 */
export async function wakeFailing(
  client: Transaction,
  queue: Queue,
  connections: readonly ConnectionId[],
): Promise<number> {
  const woken = await moveRuns(client, {
    ...due,
    where: `runs.finished_at is null and runs.connection_id = any ($1) and runs.waiting_for is null
      and runs.first_failed_at is not null and runs.code not in ('runs.bug', 'runs.outcome_unclear')
      and runs.next_at > now()`,
    values: [connections],
  })
  await queue.send(client, woken)
  return woken.length
}
