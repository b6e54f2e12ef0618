/**
 * Hires at once, from the first webhook until the last comment is recorded, in hires a second: with the settings of a newcomer, and with
 * more slots. Beside it: as many calls by as many at once, with nothing written down and no webhooks received; and the handler that does
 * it all inside the request.
 */
import { readConfig } from '../../src/config/environment.ts'
import { startBaseline } from '../support/child.ts'
import { closedLoop } from '../support/closed-loop.ts'
import { openBenchDatabase } from '../support/database.ts'
import type { Bar, Figure, Scenario } from '../support/figure.ts'
import { openBenchPostgres } from '../support/postgres.ts'
import { type Hire, openBenchWorld } from '../support/world.ts'

interface Slots {
  readonly name: string
  readonly about: string
  /** Undefined: the default. */
  readonly given?: number
  readonly hires: number
  readonly delays: readonly Delay[]
}

/** How long each call takes, and the bars beside the loop and beside the handler. */
interface Delay {
  readonly milliseconds: number
  readonly ofLoop?: number
  readonly ofHandler?: number
}

export const burst = burstWith({
  name: 'burst',
  about: 'the default slots',
  hires: 1_000,
  delays: [
    { milliseconds: 0, ofHandler: 0.4 },
    { milliseconds: 50, ofLoop: 0.9 },
  ],
})

export const burstTuned = burstWith({
  name: 'burst-tuned',
  about: '128 slots',
  given: 128,
  hires: 2_000,
  delays: [
    { milliseconds: 0, ofLoop: 0.5 },
    { milliseconds: 50, ofLoop: 0.9 },
  ],
})

function burstWith({ name, about, given, hires: all, delays }: Slots): Scenario {
  return {
    name,
    about: `hires at once with ${about}, beside a loop that makes the same calls and writes nothing`,
    async open({ quick, closing }) {
      const hires = quick ? 200 : all
      const env = given === undefined ? {} : { WORKER_CONCURRENCY: String(given) }
      const { workerConcurrency: concurrency } = readConfig(env)
      const postgres = closing(await openBenchPostgres())
      const databaseUrl = await postgres.database('service')
      const world = closing(await openBenchWorld({ databaseUrl, env }))
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
        for (const { milliseconds, ofLoop, ofHandler } of delays) {
          const measure = async (work: Work) =>
            through(hires, async (given) => {
              await world.upstreamTakes(milliseconds)
              await work(given)
            })
          const baseline = await measure(inLoop)
          const mine = await measure(ours)
          const name = `upstream takes ${milliseconds} ms`
          figures.push(
            { name, unit: 'hires a second', ours: mine, baseline, bar: barOf(ofLoop) },
            {
              name: `${name}: beside a handler that does it in the request`,
              unit: 'hires a second',
              ours: mine,
              baseline: await measure(inRequest),
              bar: barOf(ofHandler),
            },
          )
        }
        return figures
      }
    },
  }
}

function barOf(atLeast: number | undefined): Bar | undefined {
  return atLeast === undefined ? undefined : { of: 'ratio', atLeast }
}

type Work = (hires: readonly Hire[]) => Promise<void>
