/** How fast fresh webhooks are answered while a large replay drains, beside the same service a moment before. */
import { closedLoop } from '../support/closed-loop.ts'
import { openBenchDatabase } from '../support/database.ts'
import type { Scenario } from '../support/figure.ts'
import { openLoop } from '../support/open-loop.ts'
import { percentiles } from '../support/percentiles.ts'
import { openBenchPostgres } from '../support/postgres.ts'
import { openBenchWorld } from '../support/world.ts'

const perSecond = 20

export const replay: Scenario = {
  name: 'replay',
  about: `webhooks at ${perSecond} a second while 10,000 events are replayed, beside the same before; one round is one service`,
  async open({ quick, closing }) {
    const [events, seconds] = quick ? [500, 3] : [10_000, 15]
    return async () => {
      const postgres = closing(await openBenchPostgres())
      const databaseUrl = await postgres.database('service')
      const world = closing(await openBenchWorld({ databaseUrl }))
      const database = closing(openBenchDatabase(databaseUrl))
      await closedLoop(world.webhookUrl(), await world.hires(events))
      await database.allDone()
      const answered = async () =>
        percentiles(await openLoop(world.webhookUrl(), await world.hires(perSecond * seconds), perSecond))
      const before = await answered()
      await database.allDone()
      const chosen = ['--tenant', 'acme', '--since', '1d', '--state', 'done']
      await world.command('replay', ...chosen, '--rate', '60000/m', '--yes')
      const during = await answered()
      return [
        { name: 'answer p50', unit: 'ms', ours: during.p50, baseline: before.p50 },
        {
          name: 'answer p99',
          unit: 'ms',
          ours: during.p99,
          baseline: before.p99,
          bar: { of: 'ratio', atMost: 2 },
        },
      ]
    }
  },
}
