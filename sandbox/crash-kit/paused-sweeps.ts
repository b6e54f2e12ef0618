/**
 * The same for the process of a sweep: its lease lapses, another one takes the sweep over, and while that one is at it the first
 * goes on. Whatever it writes then must change nothing.
 */
import { startService } from '../../src/app/service.ts'
import { decoratePorts } from './decorate-ports.ts'
import { allAtRest, judge } from './judge.ts'
import { pace } from './pace.ts'
import { createPlans, type Place, type Plans } from './plans.ts'
import type { Reached } from './reach.ts'
import { type Accident, pointOf } from './report.ts'
import type { Hire, Stage } from './stage.ts'
import { letLeaseLapse, sweepsAsText, sweptAll } from './sweeps.ts'
import { until, within } from './until.ts'

/** The first call of a sweep that has been taken over. */
const asksPinpoint = { point: 'http.send.before', step: 'pinpoint GET /applications', nth: 1 } as const

export async function pauseSweeps(stage: Stage, accidents: readonly Accident[]): Promise<readonly string[]> {
  const hires = await stage.prepare(
    accidents.map(({ account, row }) => ({ account, scenario: row.scenario })),
  )
  const plans = createPlans()
  const first = { plans, looks: 0 }
  const reach = (at: Reached) => {
    if (at.point === 'sweeps.queueDue.before') first.looks++
    return plans.reach(at)
  }
  const service = await start(stage, decoratePorts(reach))
  const violations: string[] = []
  try {
    // One after the other: a process does one sweep at a time.
    for (const [index, accident] of accidents.entries()) {
      const hire = hires[index]
      if (hire === undefined) throw new Error('every accident has its hire')
      violations.push(...(await pauseOne(stage, first, { accident, hire })))
    }
  } finally {
    await service.close()
  }
  return [...violations, ...(await judge(stage, hires))]
}

interface First {
  readonly plans: Plans
  /** How often it has looked for sweeps: it does so when it has ended with one. */
  readonly looks: number
}

async function pauseOne(
  stage: Stage,
  first: First,
  { accident, hire }: { readonly accident: Accident; readonly hire: Hire },
): Promise<readonly string[]> {
  const { account, row } = accident
  const { pool } = stage.store.database
  const paused = holdAt(first.plans, account, { point: pointOf(accident), step: row.step, nth: row.nth })
  const plansOfSecond = createPlans()
  const asking = holdAt(plansOfSecond, account, asksPinpoint)
  await stage.deliver(hire, () => '')
  if ((await within(15, paused.reached)) === undefined) return [`${account}: was never reached`]
  await letLeaseLapse(pool, account)
  const second = await start(stage, decoratePorts(plansOfSecond.reach, { sweepsAs: 'another machine' }))
  try {
    await until('another one to have the sweep, unless it has ended', async () =>
      asking.reached() ? true : sweptAll(pool, [account]),
    )
    const before = await sweepsAsText(pool, account)
    const { looks } = first
    paused.goOn()
    await until('the first one to end with the sweep', () => first.looks > looks)
    const changed = (await sweepsAsText(pool, account)) !== before
    asking.goOn()
    await allAtRest(stage, [hire])
    return changed ? [`${account}: a process that was taken over has changed the sweep`] : []
  } finally {
    paused.goOn()
    asking.goOn()
    await second.close()
  }
}

function start({ config, log, integrations }: Stage, decorate: ReturnType<typeof decoratePorts>) {
  return startService(config, log, { decorate, integrations, ...pace })
}

function holdAt(plans: Plans, account: string, place: Place) {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  let reached = false
  void plans.add({ ...place, account, level: 'port', harm: () => promise }).then(() => (reached = true))
  return { reached: () => reached, goOn: () => resolve(undefined) }
}
