/** The journal: what a run has done, step by step. Outputs are sealed. */
import type pg from 'pg'

import type { Sealer } from '../base/seal.ts'
import { type Journal, LeaseLost } from '../runs/ports.ts'
import { type Again, queryable } from './transaction.ts'

export function createJournal(pool: pg.Pool, sealer: Sealer, again: Again): Journal {
  return {
    write: (lease, { title, outcome, output, remoteId, attempt, startedAt }) =>
      again(async () => {
        const sealed = sealer.seal(output, `run:${lease.run}:step:${title}`)
        const { rowCount } = await queryable(pool).query(
          `insert into steps (run_id, title, outcome, remote_id, attempt, sealed_output, started_at, finished_at)
           select id, $3, $4, $5, $6, $7, $8, now() from runs where id = $1 and lease = $2
           on conflict (run_id, title) do update set outcome = excluded.outcome, sealed_output = excluded.sealed_output`,
          [lease.run, lease.token, title, outcome, remoteId ?? null, attempt, sealed, startedAt],
        )
        if (rowCount === 0) throw new LeaseLost()
      }),
  }
}
