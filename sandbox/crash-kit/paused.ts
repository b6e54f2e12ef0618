/**
 * The rung of the worker that was only paused: a suspended machine, a long garbage collection. Its heartbeat stops, another
 * one takes its runs over and finishes them, and then the first one goes on where it was, not knowing that its time is over.
 */
import { type Service, startService } from '../../src/app/service.ts'
import { decoratePorts } from './decorate-ports.ts'
import { discover } from './discover.ts'
import { allAtRest, judge, leaksIn } from './judge.ts'
import { pace } from './pace.ts'
import { pauseSweeps } from './paused-sweeps.ts'
import { createPlans, type Plans } from './plans.ts'
import { type Accident, accidentsOf, type LevelReport, named, pointOf } from './report.ts'
import type { Hire, Stage } from './stage.ts'
import { within } from './until.ts'

export async function runPaused(stage: Stage): Promise<LevelReport> {
  const accidents = accidentsOf(await discover(stage, 'paused'), 'paused')
  const { runs = [], sweeps = [] } = Object.groupBy(accidents, ({ row }) =>
    row.scenario.through === undefined ? 'runs' : 'sweeps',
  )
  const violations = [...(await pauseRuns(stage, runs)), ...(await pauseSweeps(stage, sweeps))]
  violations.push(...leaksIn(stage.lines.join('\n'), stage.secrets))
  return { rung: 'paused', accidents, violations: named([...new Set(violations)], accidents) }
}

async function pauseRuns(stage: Stage, accidents: readonly Accident[]): Promise<readonly string[]> {
  const hires = await stage.prepare(
    accidents.map(({ account, row }) => ({ account, scenario: row.scenario })),
  )
  const plans = createPlans()
  const pauses = accidents.map((accident) => {
    const { step, nth } = accident.row
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const harm = async () => promise
    void plans.add({ account: accident.account, point: pointOf(accident), step, nth, level: 'port', harm })
    return { account: accident.account, goOn: () => resolve(undefined) }
  })
  const paused = await startPausable(stage, plans.reach, accidents.length)
  try {
    for (const hire of hires) await pausedIn(hire, { stage, plans, service: paused.service })
    const violations = plans.pending().map((account) => `${account}: was never reached`)
    paused.pause()
    violations.push(...(await finishedByAnother(stage, hires)))
    // One after the other, as all of them at once would want more connections than a server has.
    for (const { account, goOn } of pauses) {
      goOn()
      await stage.runs(account)
    }
    // Waits for everything that was under way, as long as it takes.
    await paused.service.close()
    violations.push(...(await judge(stage, hires)))
    return violations
  } finally {
    pauses.forEach(({ goOn }) => goOn())
    await paused.service.close()
  }
}

/** With a slot for each run that it is paused in. While it is paused it takes no job and gives no sign of life. */
async function startPausable(stage: Stage, reach: Parameters<typeof decoratePorts>[0], runs: number) {
  let isPaused = false
  const config = { ...stage.config, workerConcurrency: runs + 5, shutdownGraceSeconds: 60 }
  const decorate = decoratePorts(reach, { paused: () => isPaused })
  const service = await startService(config, stage.log, {
    decorate,
    integrations: stage.integrations,
    ...pace,
  })
  let closed: Promise<void> | undefined
  return {
    service: { url: service.url, close: () => (closed ??= service.close()) },
    pause: () => void (isPaused = true),
  }
}

async function pausedIn(
  hire: Hire,
  {
    stage,
    plans,
    service,
  }: { readonly stage: Stage; readonly plans: Plans; readonly service: Pick<Service, 'url'> },
): Promise<void> {
  await stage.deliver(hire, () => service.url)
  await hire.scenario.meanwhile?.(hire, stage.store.runs)
  await within(15, () => !plans.pending().includes(hire.account))
}

async function finishedByAnother(stage: Stage, hires: readonly Hire[]): Promise<readonly string[]> {
  const { config, log, integrations } = stage
  const other = await startService(config, log, { integrations, ...pace })
  await allAtRest(stage, hires)
  const violations = await judge(stage, hires)
  await other.close()
  return violations
}
