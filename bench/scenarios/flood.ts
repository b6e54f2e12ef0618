/** Twenty tenants, one of which hires a thousand people at once: how long the others' hires take, beside how long without it. */
import { setTimeout as pause } from 'node:timers/promises'

import { closedLoop } from '../support/closed-loop.ts'
import { openBenchDatabase } from '../support/database.ts'
import type { Scenario } from '../support/figure.ts'
import { percentiles } from '../support/percentiles.ts'
import { openBenchPostgres } from '../support/postgres.ts'
import { openBenchWorld } from '../support/world.ts'

const others = Array.from({ length: 19 }, (_, index) => `tenant${index + 1}`)
const hiresOfEach = 5

export const flood: Scenario = {
  name: 'flood',
  about:
    'hires of 19 tenants while a twentieth floods, beside the same without the flood; calls take 50 ms, 32 slots',
  async open({ quick, closing }) {
    const flooding = quick ? 200 : 1_000
    const postgres = closing(await openBenchPostgres())
    const databaseUrl = await postgres.database('service')
    const world = closing(await openBenchWorld({ databaseUrl, tenants: others }))
    const database = closing(openBenchDatabase(databaseUrl))
    await world.upstreamTakes(50)

    /** A hire of one tenant every 100 ms, the tenants in turn. */
    async function hireInTurn() {
      const hires = await Promise.all(others.map((tenant) => world.hires(hiresOfEach, tenant)))
      for (let round = 0; round < hiresOfEach; round++) {
        for (const own of hires) {
          const hire = own[round]
          if (hire !== undefined) await closedLoop(world.webhookUrl(hire.tenant), [hire], 1)
          await pause(100)
        }
      }
      await database.allDone()
      const took = await Promise.all(others.map((tenant) => database.hireMilliseconds(tenant, hiresOfEach)))
      return percentiles(took.flat())
    }
    await hireInTurn()

    return async () => {
      const alone = await hireInTurn()
      const flood = await world.hires(flooding)
      const [, beside] = await Promise.all([closedLoop(world.webhookUrl(), flood, 8), hireInTurn()])
      return [
        { name: 'p50', unit: 'ms', ours: beside.p50, baseline: alone.p50, bar: { of: 'ratio', atMost: 2 } },
        { name: 'p99', unit: 'ms', ours: beside.p99, baseline: alone.p99 },
      ]
    }
  },
}
