/** As if what has arrived had arrived earlier: its runs expect nothing more of Pinpoint then. */
import { resumeRun } from '../../src/operator/operate.ts'
import { until } from './until.ts'
import type { World } from './world.ts'

type Aged = Pick<World, 'store'>

const expectant = async ({ store }: Aged) =>
  (await store.runs.listRuns({ states: ['waiting'], limit: 100 })).filter(
    ({ code }) => code === 'pinpoint.not_hired_yet',
  )

/** Runs that wait for their hire look now, for the last time. */
export async function letAQuarterPass(world: Aged): Promise<void> {
  const { store } = world
  await store.database.pool.query(`update events set received_at = received_at - interval '16 minutes'`)
  for (const { id } of await expectant(world)) await resumeRun(store.runs, id)
}

/** First waits until a run waits for its hire. */
export async function waitInVain(world: Aged): Promise<void> {
  await until('a run to wait for its hire', async () => (await expectant(world)).length > 0)
  await letAQuarterPass(world)
}
