/**
 * 2,000 hires at once, from the first webhook until the last comment is recorded, in hires a second. Beside it: as many calls by as
 * many at once, with nothing written down and no webhooks received; and the handler that does it all inside the request.
 */
import { startBaseline } from '../support/child.ts'
import { closedLoop } from '../support/closed-loop.ts'
import { openBenchDatabase } from '../support/database.ts'
import type { Figure, Scenario } from '../support/figure.ts'
import { openBenchPostgres } from '../support/postgres.ts'
import { type Hire, openBenchWorld } from '../support/world.ts'

const concurrency = 128
const delays = [
  { milliseconds: 0, atLeast: 0.5 },
  { milliseconds: 50, atLeast: 0.9 },
]

export const burst: Scenario = {
  name: 'burst',
  about: `hires at once with ${concurrency} slots, beside a loop that makes the same calls and writes nothing`,
  async open({ quick, closing }) {
    const hires = quick ? 200 : 2_000
    const postgres = closing(await openBenchPostgres())
    const databaseUrl = await postgres.database('service')
    const world = closing(
      await openBenchWorld({ databaseUrl, env: { WORKER_CONCURRENCY: String(concurrency) } }),
    )
    const bare = closing(
      await startBaseline('bare-worker', { ...world.destinations, CONCURRENCY: String(concurrency) }),
    )
    const plain = closing(await startBaseline('plain-handler', world.destinations))
    const database = closing(openBenchDatabase(databaseUrl))

    /** Hires a second. */
    async function through(count: number, work: Work) {
      await world.forget()
      const given = await world.hires(count)
      const began = performance.now()
      await work(given)
      const perSecond = (count * 1000) / (performance.now() - began)
      const { employees, comments } = await world.counts()
      if (employees !== count || comments !== count) {
        throw new Error(`${count} hires made ${employees} employees and ${comments} comments`)
      }
      return perSecond
    }
    const ours: Work = async (given) => {
      await closedLoop(world.webhookUrl(), given)
      await database.allDone()
    }
    const inLoop: Work = async (given) => {
      const body = JSON.stringify(given.map(({ application }) => application))
      const response = await fetch(bare.url, { method: 'POST', body })
      if (!response.ok) throw new Error('the loop failed')
    }
    const inRequest: Work = async (given) => {
      await closedLoop(plain.url, given)
    }
    // Warm: what has just started compiles its code at the first hires.
    for (const work of [ours, inLoop, inRequest]) await through(100, work)

    return async () => {
      const figures: Figure[] = []
      for (const { milliseconds, atLeast } of delays) {
        const measure = async (work: Work) =>
          through(hires, async (given) => {
            await world.upstreamTakes(milliseconds)
            await work(given)
          })
        const baseline = await measure(inLoop)
        const mine = await measure(ours)
        const name = `upstream takes ${milliseconds} ms`
        figures.push(
          { name, unit: 'hires a second', ours: mine, baseline, bar: { of: 'ratio', atLeast } },
          {
            name: `${name}: beside a handler that does it in the request`,
            unit: 'hires a second',
            ours: mine,
            baseline: await measure(inRequest),
          },
        )
      }
      return figures
    }
  },
}

type Work = (hires: readonly Hire[]) => Promise<void>
