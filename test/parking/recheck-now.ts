/** Brings looks forward, as an event about the application does: nobody waits two minutes for a test. */
import { rechecksChannel } from '../../src/runs/store/watches.ts'
import { until } from '../support/until.ts'
import type { World } from '../support/world.ts'

export async function lookNow({ store }: World): Promise<void> {
  const { pool } = store.database
  await pool.query('update rechecks set next_at = now(), signalled = true')
  await pool.query('select pg_notify($1, $2)', [rechecksChannel, ''])
}

/** How often what the run waits for was looked at, when that is at least so often. */
export const checkedAt = ({ store }: World, run: string, times: number) =>
  until(`run ${run} to be looked at ${times} times`, async () => {
    const shown = await store.runs.showRun(run)
    return shown?.rechecks.find(({ times: count }) => count >= times)
  })
