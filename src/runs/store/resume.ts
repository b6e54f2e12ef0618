/** Runs that go on since something has changed: the retry budget begins anew. */
import type { ConnectionId } from '../../base/ids.ts'
import type { Queryable, Transaction } from '../../postgres/transaction.ts'
import type { Queue } from '../../queue/store/queue.ts'
import type { Decision, RunState } from '../run.ts'
import { freshBudget, type Moved, moveRuns, withoutReason } from './transition.ts'
import { wakeFailing } from './wake.ts'

export interface Resumed {
  /** Default: parked. */
  readonly from?: readonly RunState[]
  /** Which of them; names its values from $3 on. */
  readonly where: string
  readonly values: readonly unknown[]
  /** In the timeline of the run. */
  readonly because: string
  /** What a person has decided of it. What was decided before counts on unless it is decided anew. */
  readonly decision?: (Decision & { readonly by?: string; readonly reason?: string }) | undefined
}

/** In the transaction that sends their jobs. A decision is about what stood in the ledger when the run parked. */
export async function resumeRuns(client: Queryable, given: Resumed): Promise<readonly Moved[]> {
  const { from = ['parked'], where, values, because, decision } = given
  return moveRuns(client, {
    from,
    to: 'queued',
    where,
    set: {
      ...withoutReason,
      ...freshBudget,
      decision: `coalesce($1::jsonb || jsonb_build_object('at', now()), decision)`,
      decision_before: 'case when $1::jsonb is null then decision_before else runs.updated_at end',
    },
    line: { reason: '$2' },
    values: [decision === undefined ? null : JSON.stringify(decision), because, ...values],
  })
}

/** Queues the parked runs that a change of these connections lets go on, and closes their circuits. Answers how many. */
export async function resumeRunsOf(
  client: Transaction,
  queue: Queue,
  connections: readonly ConnectionId[],
): Promise<number> {
  const runs = await resumeRuns(client, {
    where: `runs.finished_at is null and runs.lifted_by = 'connection' and runs.connection_id = any ($3)`,
    values: [connections],
    because: 'resumed',
  })
  await queue.send(client, runs)
  // What kept failing may answer now that something has changed.
  const { rowCount } = await client.query('delete from circuits where connection_id = any ($1)', [
    connections,
  ])
  const woken = rowCount === 0 ? 0 : await wakeFailing(client, queue, connections)
  return runs.length + woken
}
