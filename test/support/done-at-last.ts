/** The newest run once it is at rest. What waits is resumed, so that no time has to pass. */
import { resumeRun } from '../../src/operator/operate.ts'
import { until } from './until.ts'
import type { World } from './world.ts'

export async function doneAtLast({ store }: Pick<World, 'store'>) {
  for (;;) {
    const run = await until('the run to wait or to end', async () => {
      const [one] = await store.runs.listRuns({ limit: 1 })
      return one !== undefined && ['waiting', 'parked', 'done'].includes(one.state) && one
    })
    if (run.state !== 'waiting') return run
    await resumeRun(store.runs, run.id)
  }
}
