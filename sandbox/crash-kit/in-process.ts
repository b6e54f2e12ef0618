/** The rungs that one service survives: errors, connections that are gone, calls and answers that get lost. */
import { type Service, startService } from '../../src/app/service.ts'
import { decoratePorts } from './decorate-ports.ts'
import { discover } from './discover.ts'
import { type ConnectionKiller, openConnectionKiller, throwAt } from './harms.ts'
import { judge, leaksIn } from './judge.ts'
import { pace } from './pace.ts'
import { createPlans, type Plan, type Plans } from './plans.ts'
import { type Accident, accidentsOf, type LevelReport, named, pointOf } from './report.ts'
import type { Level } from './rows.ts'
import type { Hire, Stage } from './stage.ts'
import { within } from './until.ts'

export type InProcessLevel = Exclude<Level, 'killed' | 'paused'>

export async function runInProcess(stage: Stage, rung: InProcessLevel): Promise<LevelReport> {
  const accidents = accidentsOf(await discover(stage, rung), rung)
  const hires = await stage.prepare(
    accidents.map(({ account, row }) => ({ account, scenario: row.scenario })),
  )
  const plans = createPlans()
  const killer = openConnectionKiller(stage.config.databaseUrl ?? '')
  const service = await startService(stage.config, stage.log, {
    decorate: decoratePorts(plans.reach, killer),
    integrations: stage.integrations,
    ...pace,
  })
  const scene = { stage, rung, plans, killer, service }
  try {
    // One after the other where an accident hits everybody; elsewhere all at once.
    const playing: Promise<void>[] = []
    for (const [index, accident] of accidents.entries()) {
      const hire = hires[index]
      if (hire === undefined) throw new Error('every accident has its hire')
      const played = play(scene, accident, hire)
      if (rung === 'database') await played
      else playing.push(played)
    }
    await Promise.all(playing)
    const violations = [...(await judge(stage, hires))]
    const missed = new Set(plans.pending())
    violations.push(...accidents.filter(({ account }) => missed.has(account)).map(notReached))
    return {
      rung,
      accidents,
      violations: named([...violations, ...leaksIn(stage.lines.join('\n'), stage.secrets)], accidents),
    }
  } finally {
    await service.close()
    await killer.close()
  }
}

interface Scene {
  readonly stage: Stage
  readonly rung: InProcessLevel
  readonly plans: Plans
  readonly killer: ConnectionKiller
  readonly service: Service
}

async function play(
  { stage, plans, service, ...scene }: Scene,
  accident: Accident,
  hire: Hire,
): Promise<void> {
  let fired = false
  void plans.add(planOf({ stage, plans, service, ...scene }, accident)).then(() => (fired = true))
  await stage.deliver(hire, () => service.url)
  await hire.scenario.meanwhile?.(hire, stage.store.runs)
  await within(15, () => fired)
}

function planOf({ stage, rung, killer }: Scene, accident: Accident): Plan {
  const { account, row, moment } = accident
  const { boundary, step, nth } = row
  const common = { account, step, nth, level: 'port' as const }
  switch (rung) {
    case 'throw':
      return { ...common, point: pointOf(accident), harm: throwAt }
    case 'database': {
      // A statement that was done and whose answer is lost; what takes work is not repeated, so there it is the same.
      const stored = !['http.send', 'download', 'queue.fetch', 'sweeps.claim'].includes(boundary)
      const level = moment === 'after' && stored ? 'statement' : 'port'
      return { ...common, level, point: pointOf(accident), harm: killer.harm }
    }
    case 'outside':
      return {
        ...common,
        point: `${boundary}.before`,
        harm: () => loseNext(stage, { account, boundary, moment }),
      }
  }
}

/** A file is fetched from the address that Pinpoint gave, past the network of the stage: there the sandbox cuts it. */
function loseNext(
  { network, sandbox }: Stage,
  { account, boundary, moment }: Pick<Accident, 'account' | 'moment'> & Pick<Accident['row'], 'boundary'>,
): void {
  if (boundary === 'download') sandbox.faults.add({ system: 'files', account, effect: { cut: 'before' } })
  else network.lose(account, moment === 'before' ? 'request' : 'answer')
}

function notReached({ account }: Accident): string {
  return `${account}: was never reached`
}
