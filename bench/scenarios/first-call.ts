/** From the webhook to the first call outside, at 50 hires a second: how long an event waits for a worker. */
import { openBenchDatabase } from '../support/database.ts'
import type { Scenario } from '../support/figure.ts'
import { firstCalls } from '../support/first-calls.ts'
import { openLoop } from '../support/open-loop.ts'
import { percentiles } from '../support/percentiles.ts'
import { openBenchPostgres } from '../support/postgres.ts'
import { openBenchWorld } from '../support/world.ts'

const perSecond = 50

export const firstCall: Scenario = {
  name: 'first-call',
  about: `from the webhook to the first call outside, at ${perSecond} hires a second; beside it, to the answer of the webhook`,
  async open({ quick, closing }) {
    const seconds = quick ? 2 : 8
    const postgres = closing(await openBenchPostgres())
    const databaseUrl = await postgres.database('service')
    const world = closing(await openBenchWorld({ databaseUrl }))
    const database = closing(openBenchDatabase(databaseUrl))
    const measure = async (count: number) => {
      const hires = await world.hires(count)
      const sentAt = Date.now()
      const answered = await openLoop(world.webhookUrl(), hires, perSecond)
      await database.allDone()
      const calls = await firstCalls(world, hires)
      return {
        answered: percentiles(answered),
        called: percentiles(calls.map((at, index) => at - sentAt - 100 - (index * 1000) / perSecond)),
      }
    }
    await measure(100)
    return async () => {
      const { answered, called } = await measure(perSecond * seconds)
      return [
        {
          name: 'p50',
          unit: 'ms',
          ours: called.p50,
          baseline: answered.p50,
          bar: { of: 'ours', atMost: 15 },
        },
        {
          name: 'p99',
          unit: 'ms',
          ours: called.p99,
          baseline: answered.p99,
          bar: { of: 'ours', atMost: 60 },
        },
      ]
    }
  },
}
