/** The same on a database that holds 100,000 and 1,000,000 finished hires, beside one that holds none. */
import { closedLoop } from '../support/closed-loop.ts'
import { openBenchDatabase } from '../support/database.ts'
import type { Bar, Figure, Scenario, ScenarioOptions } from '../support/figure.ts'
import { fillFinished } from '../support/finished.ts'
import { firstCalls } from '../support/first-calls.ts'
import { openLoop } from '../support/open-loop.ts'
import { percentiles } from '../support/percentiles.ts'
import { type BenchPostgres, openBenchPostgres } from '../support/postgres.ts'
import { openBenchWorld } from '../support/world.ts'

const perSecond = 50
const bar: Bar = { of: 'ratio', atMost: 1.2 }

export const longUse: Scenario = {
  name: 'long-use',
  about: 'a database with finished hires, beside one without any; filling it takes minutes',
  async open({ quick, closing }) {
    const sizes = quick ? [10_000] : [100_000, 1_000_000]
    const postgres = closing(await openBenchPostgres())
    const empty = await openFilled({ postgres, hires: 0, quick, closing })
    const filled = new Map<number, Measure>()
    for (const hires of sizes) filled.set(hires, await openFilled({ postgres, hires, quick, closing }))
    return async () => {
      const figures: Figure[] = []
      for (const [hires, measure] of filled) {
        const baseline = await empty()
        const ours = await measure()
        const figure = (name: keyof typeof ours, unit: string, of?: Bar) =>
          figures.push({
            name: `${hires} finished: ${name}`,
            unit,
            ours: ours[name],
            baseline: baseline[name],
            bar: of,
          })
        figure('answer p50', 'ms', bar)
        // The last four of four hundred have no bar: they vary by half between two rounds.
        figure('answer p99', 'ms')
        figure('first call p50', 'ms', bar)
        figure('first call p99', 'ms')
        figure('hires a second', '', { of: 'ratio', atLeast: 1 / 1.2 })
      }
      return figures
    }
  },
}

type Measure = Awaited<ReturnType<typeof openFilled>>

interface Filled extends ScenarioOptions {
  readonly postgres: BenchPostgres
  readonly hires: number
}

async function openFilled({ postgres, hires, quick, closing }: Filled) {
  const databaseUrl = await postgres.database(`filled_${hires}`)
  const world = closing(await openBenchWorld({ databaseUrl }))
  const database = closing(openBenchDatabase(databaseUrl))
  if (hires > 0) await fillFinished(database.pool, hires)
  const [inBurst, seconds] = quick ? [100, 2] : [1_000, 8]

  const measure = async () => {
    await world.forget()
    const due = await world.hires(perSecond * seconds)
    const began = Date.now() + 100
    const answers = percentiles(await openLoop(world.webhookUrl(), due, perSecond))
    await database.allDone()
    const calls = percentiles(
      (await firstCalls(world, due)).map((at, index) => at - began - (index * 1000) / perSecond),
    )
    const burst = await world.hires(inBurst)
    const started = performance.now()
    await closedLoop(world.webhookUrl(), burst)
    await database.allDone()
    return {
      'answer p50': answers.p50,
      'answer p99': answers.p99,
      'first call p50': calls.p50,
      'first call p99': calls.p99,
      'hires a second': (inBurst * 1000) / (performance.now() - started),
    }
  }
  await measure()
  return measure
}
