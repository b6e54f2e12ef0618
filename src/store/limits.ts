/** Limits that destinations have told us of, for all processes. */
import type pg from 'pg'

import type { LimitStore } from '../runs/ports.ts'
import { queryable } from './transaction.ts'

export function createLimitStore(pool: pg.Pool): LimitStore {
  return {
    async pause(connection, bucket, until) {
      await queryable(pool).query(
        `insert into limits (connection_id, bucket, paused_until) values ($1, $2, $3)
         on conflict (connection_id, bucket) do update
           set paused_until = greatest(limits.paused_until, excluded.paused_until)`,
        [connection, bucket, until],
      )
    },
  }
}
