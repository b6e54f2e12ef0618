/** What is due, and when the next run will be: for a worker that does not stay, and for the alarm on runs that wait too long. */
import type pg from 'pg'

import { queryable } from './transaction.ts'

export interface DueRuns {
  /** Runs that a worker could take now. */
  readonly due: number
  /** How long the one that waits longest could have been taken; 0 when none is due. */
  readonly oldestDueSeconds: number
  /** Until the next waiting run is due; undefined when none waits. */
  readonly nextDueInSeconds: number | undefined
}

/** By the database's clock, on the index of unfinished runs. */
export async function readDueRuns(pool: pg.Pool): Promise<DueRuns> {
  const { rows } = await queryable(pool).query<{ due: number; oldest: number | null; next: number | null }>(
    `select count(*) filter (where since <= now()) as due,
       extract(epoch from now() - min(since))::float8 as oldest,
       extract(epoch from min(since) filter (where since > now()) - now())::float8 as next
     from (select case when state = 'queued' then updated_at else next_at end as since
           from runs where state in ('queued', 'waiting')) as unfinished`,
  )
  const [row] = rows
  return {
    due: row?.due ?? 0,
    oldestDueSeconds: Math.max(0, row?.oldest ?? 0),
    nextDueInSeconds: row?.next ?? undefined,
  }
}
