/** Runs whose wait is over: they stay in their state, and are due. */
import type { ConnectionId, RunId } from '../../base/ids.ts'
import type { Transaction } from '../../postgres/transaction.ts'
import type { Queue } from '../../queue/store/queue.ts'
import { type Moved, moveRuns } from './transition.ts'

const due = { from: ['waiting'], to: 'waiting', set: { next_at: 'now()' }, line: 'none' } as const

/** Those that waited for the turn of one of these on the same person. */
export async function wake(client: Transaction, ended: readonly RunId[]): Promise<readonly Moved[]> {
  if (ended.length === 0) return []
  return moveRuns(client, { ...due, where: 'runs.waiting_for = any ($1)', values: [ended] })
}

/** Those that wait because the destination failed, be it for a probe or for their own next attempt. Answers how many. */
export async function wakeFailing(
  client: Transaction,
  queue: Queue,
  connections: readonly ConnectionId[],
): Promise<number> {
  const woken = await moveRuns(client, {
    ...due,
    where: `runs.finished_at is null and runs.connection_id = any ($1) and runs.waiting_for is null
      and runs.first_failed_at is not null and runs.code <> 'runs.bug' and runs.next_at > now()`,
    values: [connections],
  })
  await queue.send(client, woken)
  return woken.length
}
