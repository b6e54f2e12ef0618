/** When the next waiting run is due: for a worker that does not stay. */
import type pg from 'pg'

import { queryable } from '../../postgres/transaction.ts'

/** By the database's clock; 0 when a run is due already, undefined when none waits. */
export async function nextDueInSeconds(pool: pg.Pool): Promise<number | undefined> {
  const { rows } = await queryable(pool).query<{ seconds: number | null }>(
    `select extract(epoch from min(next_at) - now())::float8 as seconds from runs where finished_at is null and state = 'waiting'`,
  )
  const seconds = rows[0]?.seconds ?? undefined
  return seconds === undefined ? undefined : Math.max(0, seconds)
}
