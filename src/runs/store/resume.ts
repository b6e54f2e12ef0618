/** Resumes runs after something has changed, with a fresh retry budget. */
import type { Queryable } from '../../postgres/transaction.ts'
import type { Decision, RunState } from '../run.ts'
import { freshBudget, type Moved, moveRuns, withoutReason } from './transition.ts'

export interface Resumed {
  /** Default: parked. */
  readonly from?: readonly RunState[]
  /** The condition on the runs; its values are numbered from $3. */
  readonly where: string
  readonly values: readonly unknown[]
  /** The reason in the timeline of the run. */
  readonly because: string
  /** What a person decided. An earlier decision remains valid unless this replaces it. */
  readonly decision?: (Decision & { readonly by?: string; readonly reason?: string }) | undefined
}

/** In the transaction that sends their jobs. A decision is about the ledger as it was when the run parked. */
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
