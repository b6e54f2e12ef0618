/** Runs that go on since something has changed: the retry budget begins anew. */
import type { Queryable } from '../../postgres/transaction.ts'
import type { Decision, RunState } from '../run.ts'
import { freshBudget, type Moved, moveRuns, withoutReason } from './transition.ts'

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
