/** Circuits in Postgres: a row is an open circuit. Opening, probing and closing each have one winner among all processes. */
import type pg from 'pg'

import { type DatabaseRetry, inTransaction, queryable } from '../../postgres/transaction.ts'
import type { Queue } from '../../queue/store/queue.ts'
import { wakeFailing } from '../../runs/store/wake.ts'
import type { CircuitStore } from '../ports.ts'

/** The first probe comes after 5 seconds, later ones after twice the previous gap, at most 5 minutes. */
const gapSql = `interval '1 second' * least(300, 5 * 2 ^ least(probes, 10))`

/** Waiting runs come back one after the other, at the pace of the probes, within an hour at most. */
const takeProbeSql = `
  with before as (
    select connection_id, probe_at <= now() as due from circuits where connection_id = $1 for update
  )
  update circuits set
    probes = probes + (case when due then 1 else 0 end),
    probe_at = case when due then now() + ${gapSql} else probe_at end,
    next_caller_at = case when due then next_caller_at
      else least(greatest(next_caller_at + ${gapSql}, probe_at), now() + interval '1 hour') end
  from before where circuits.connection_id = before.connection_id
  returning due, next_caller_at`

export function createCircuitStore({
  pool,
  queue,
  withDatabaseRetry,
}: {
  readonly pool: pg.Pool
  readonly queue: Queue
  readonly withDatabaseRetry: DatabaseRetry
}): CircuitStore {
  const client = queryable(pool)
  return {
    async open(connection, { destination, ofEffects, code, reason }) {
      const { rowCount } = await client.query(
        `insert into circuits (connection_id, connection_revision, destination, code, reason, of_effects, probe_at, next_caller_at)
         select id, revision, $2, $3, $4, $5, now() + interval '5 seconds', now() from connections where id = $1
         on conflict (connection_id) do nothing`,
        [connection, destination, code, reason, ofEffects],
      )
      return rowCount === 1
    },
    takeProbe: (connection) =>
      withDatabaseRetry(async () => {
        const { rows } = await client.query<{ due: boolean; next_caller_at: Date }>(takeProbeSql, [
          connection,
        ])
        const [row] = rows
        if (row === undefined) return 'closed'
        return row.due ? 'probe' : { comeBackAt: row.next_caller_at }
      }),
    close: (connection) =>
      inTransaction(pool, async (tx) => {
        const { rowCount } = await tx.query('delete from circuits where connection_id = $1', [connection])
        return rowCount === 0 ? undefined : wakeFailing(tx, queue, [connection])
      }),
  }
}
