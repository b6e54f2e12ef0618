/** How long two processes take for a burst whose calls take 50 ms, beside one of them alone. */
import { closedLoop } from '../support/closed-loop.ts'
import { openBenchDatabase } from '../support/database.ts'
import type { Scenario } from '../support/figure.ts'
import { openBenchPostgres } from '../support/postgres.ts'
import { openBenchWorld } from '../support/world.ts'

const concurrency = '16'

export const twoWorkers: Scenario = {
  name: 'two-workers',
  about: `hires at once, calls take 50 ms: two processes of ${concurrency} slots each, beside one`,
  async open({ quick, closing }) {
    const hires = quick ? 100 : 2_000
    const postgres = closing(await openBenchPostgres())
    const databaseUrl = await postgres.database('service')
    const world = closing(await openBenchWorld({ databaseUrl, env: { WORKER_CONCURRENCY: concurrency } }))
    const database = closing(openBenchDatabase(databaseUrl))

    async function seconds(count: number): Promise<number> {
      await world.forget()
      await world.upstreamTakes(50)
      const given = await world.hires(count)
      const began = performance.now()
      await closedLoop(world.webhookUrl(), given)
      await database.allDone()
      return (performance.now() - began) / 1000
    }
    await seconds(50)

    return async () => {
      const alone = await seconds(hires)
      const second = await world.another({ ROLE: 'worker' })
      try {
        await seconds(50)
        const ours = await seconds(hires)
        return [{ name: 'time', unit: 'seconds', ours, baseline: alone, bar: { of: 'ratio', atMost: 0.6 } }]
      } finally {
        await second.close()
      }
    }
  },
}
