/** How fast a webhook is acknowledged, beside the raw limit: at fixed rates, and as fast as 64 connections can. */
import { startBaseline } from '../support/child.ts'
import { closedLoop } from '../support/closed-loop.ts'
import { deliveries, signingSecret } from '../support/deliveries.ts'
import type { Bar, Figure, Scenario } from '../support/figure.ts'
import { openLoop } from '../support/open-loop.ts'
import { percentiles } from '../support/percentiles.ts'
import { openBenchPostgres } from '../support/postgres.ts'
import { openBenchWorld } from '../support/world.ts'

const rates = [50, 200, 500]
const bars: Readonly<Record<number, { readonly p50: Bar; readonly p99: Bar }>> = {
  200: { p50: { of: 'ratio', atMost: 3 }, p99: { of: 'ours', atMost: 50 } },
}

export const ack: Scenario = {
  name: 'ack',
  about: 'intake alone beside a bare server that verifies and inserts (ROLE=intake, nobody works)',
  async open({ quick, closing }) {
    const seconds = quick ? 2 : 10
    const inLoop = quick ? 1_000 : 10_000
    const postgres = closing(await openBenchPostgres())
    const bare = closing(
      await startBaseline('bare-receiver', {
        DATABASE_URL: await postgres.database('bare'),
        SIGNING_SECRET: signingSecret,
      }),
    )
    const world = closing(
      await openBenchWorld({ databaseUrl: await postgres.database('service'), env: { ROLE: 'intake' } }),
    )
    const urls = { ours: world.webhookUrl(), baseline: bare.url }
    // Warm: a service that has just started compiles its code at the first requests.
    for (const url of Object.values(urls)) await closedLoop(url, deliveries(1_000))
    for (const name of ['bare', 'service']) await postgres.analyze(name)

    async function atRate(perSecond: number): Promise<readonly Figure[]> {
      const measure = async (url: string) =>
        percentiles(await openLoop(url, deliveries(perSecond * seconds), perSecond))
      const baseline = await measure(urls.baseline)
      const ours = await measure(urls.ours)
      const name = `${perSecond} a second`
      return [
        {
          name: `${name}: p50`,
          unit: 'ms',
          ours: ours.p50,
          baseline: baseline.p50,
          bar: bars[perSecond]?.p50,
        },
        {
          name: `${name}: p99`,
          unit: 'ms',
          ours: ours.p99,
          baseline: baseline.p99,
          bar: bars[perSecond]?.p99,
        },
      ]
    }

    return async () => {
      const figures: Figure[] = []
      for (const rate of rates) figures.push(...(await atRate(rate)))
      const baseline = await closedLoop(urls.baseline, deliveries(inLoop))
      const ours = await closedLoop(urls.ours, deliveries(inLoop))
      figures.push({
        name: '64 connections',
        unit: 'a second',
        ours: ours.perSecond,
        baseline: baseline.perSecond,
      })
      return figures
    }
  },
}
