/** Runs of a worker of this machine that is gone: handed on at once, without waiting for their heartbeat to lapse. */
import type pg from 'pg'

import type { ConnectionId, RunId } from '../../base/ids.ts'
import { inTransaction } from '../../postgres/transaction.ts'
import type { Queue } from '../../queue/store/queue.ts'

/**
 * `isGone` is asked for each worker that holds a run. A run that is handed on gets a new turn, so the dead worker's
 * job, whenever pg-boss hands it out again, starts nothing. Returns how many runs were handed on.
 */
export async function takeOverFromDead(
  pool: pg.Pool,
  queue: Queue,
  isGone: (worker: string) => Promise<boolean>,
): Promise<number> {
  return inTransaction(pool, async (client) => {
    const { rows: workers } = await client.query<{ worker: string }>(
      `select distinct worker from runs where finished_at is null and state = 'running' and worker is not null`,
    )
    const gone: string[] = []
    for (const { worker } of workers) if (await isGone(worker)) gone.push(worker)
    if (gone.length === 0) return 0

    const { rows } = await client.query<{ id: RunId; turn: number; connection_id: ConnectionId }>(
      `with freed as (
         update runs set state = 'queued', turn = turn + 1, lease = null, worker = null, 
           takeovers = takeovers + (case when held is distinct from 'let_go' then 1 else 0 end),
           updated_at = now()
         where finished_at is null and state = 'running' and worker = any ($1) returning id, turn, attempt, connection_id
       ), told as (
         insert into run_history (run_id, attempt, state, reason)
         select id, attempt, 'queued', 'its worker died; handed on' from freed
       )
       select id, turn, connection_id from freed`,
      [gone],
    )
    await queue.send(
      client,
      rows.map(({ id, turn, connection_id: connection }) => ({ run: id, turn, connection })),
    )
    return rows.length
  })
}
