/** Hands on the runs of a dead worker of this machine at once, without waiting for their heartbeat to lapse. */
import type pg from 'pg'

import { inTransaction } from '../../postgres/transaction.ts'
import type { Queue } from '../../queue/store/queue.ts'
import { moveRuns } from './transition.ts'

/**
 * Calls `isGone` for each worker that holds a run. A run that is handed on gets a new turn, so the dead worker's
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

    const freed = await moveRuns(client, {
      from: ['running'],
      to: 'queued',
      where: 'runs.finished_at is null and runs.worker = any ($1)',
      set: { takeovers: `takeovers + (case when held is distinct from 'let_go' then 1 else 0 end)` },
      line: { reason: `'its worker died; handed on'` },
      values: [gone],
    })
    await queue.send(client, freed)
    return freed.length
  })
}
