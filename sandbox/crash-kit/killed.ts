/**
 * The rung of SIGKILL: one process for each crash point. Each first finishes what the one before it left behind, as a
 * service does that is started again on the same machine, and is then killed at its own point.
 */
import { startService } from '../../src/app/service.ts'
import { decoratePorts } from './decorate-ports.ts'
import { discover } from './discover.ts'
import { judge, leaksIn } from './judge.ts'
import { pace } from './pace.ts'
import { type Accident, accidentsOf, type LevelReport, named, pointOf } from './report.ts'
import type { Row } from './rows.ts'
import type { Hire, Stage } from './stage.ts'
import { within } from './until.ts'
import { startVictim, type Victim } from './victim-process.ts'

/** The n-th of so many parts of the crash points, to play them side by side on databases of their own. */
export type Share = readonly [part: number, of: number]

export async function runKilled(stage: Stage, share: Share = [1, 1]): Promise<LevelReport> {
  const accidents = accidentsOf(await discover(stage, 'killed'), 'killed').filter(
    (_, index) => index % share[1] === share[0] - 1,
  )
  const hires = await stage.prepare(
    accidents.map(({ account, row }) => ({ account, scenario: row.scenario })),
  )
  const chain: Chain = { stage, lines: [], violations: [], working: [], url: '' }
  let before: Accident | undefined
  for (const [index, accident] of accidents.entries()) {
    const hire = hires[index]
    if (hire === undefined) throw new Error('every accident has its hire')
    await playOne(chain, { accident, hire, before })
    before = accident
  }

  const { config, log, integrations } = stage
  const survivor = await startService(config, log, {
    decorate: decoratePorts(async () => {}),
    integrations,
    ...pace,
  })
  chain.url = survivor.url
  try {
    await Promise.all(chain.working)
    const output = [...chain.lines, ...stage.lines].join('\n')
    const violations = [
      ...chain.violations,
      ...(await judge(stage, hires)),
      ...leaksIn(output, stage.secrets),
    ]
    return { rung: 'killed', accidents, violations: named(violations, accidents) }
  } finally {
    await survivor.close()
  }
}

interface Chain {
  readonly stage: Stage
  /** What the processes wrote. */
  readonly lines: string[]
  readonly violations: string[]
  /** Deliveries that go on until they are acknowledged, by whichever process. */
  readonly working: Promise<void>[]
  /** Of the process that lives. */
  url: string
}

async function playOne(
  chain: Chain,
  {
    accident,
    hire,
    before,
  }: { readonly accident: Accident; readonly hire: Hire; readonly before: Accident | undefined },
): Promise<void> {
  const { stage } = chain
  const { account, row } = accident
  const victim = await startVictim(
    {
      module: stage.subject.module.href,
      ...pace,
      account,
      point: pointOf(accident),
      step: row.step,
      nth: row.nth,
    },
    stage.env,
    chain.lines,
  )
  chain.url = victim.url ?? ''
  if (before !== undefined) await takenOver(stage, before)
  const delivered = stage.deliver(hire, () => chain.url)
  chain.working.push(delivered)
  void hire.scenario.meanwhile?.(hire, stage.store.runs)
  if (!(await killedAtItsPoint(victim))) chain.violations.push(`${account}: was never reached`)
}

/** The process that runs now has brought the run of the dead one as far as it goes at once. */
async function takenOver(stage: Stage, { account, row, moment }: Accident): Promise<void> {
  if (needsHeartbeat(row, moment)) return
  await within(10, async () => {
    const runs = await stage.runs(account)
    return runs.length > 0 && runs.every(({ state }) => state !== 'queued' && state !== 'running')
  })
}

/** A job that a worker has taken and not put down on its run is given up when its heartbeat has stopped: no need to wait. */
function needsHeartbeat({ boundary }: Row, moment: Accident['moment']): boolean {
  return (
    (boundary === 'queue.fetch' && moment === 'after') ||
    (boundary === 'runs.claim' && moment === 'before') ||
    // The worker beside it may have taken the job of the hire that it has just stored.
    (boundary === 'sweeps.record' && moment === 'after') ||
    boundary === 'sweeps.end'
  )
}

async function killedAtItsPoint(victim: Victim): Promise<boolean> {
  let signal: NodeJS.Signals | null | undefined
  void victim.ended.then((end) => (signal = end.signal))
  await within(30, () => signal !== undefined)
  if (signal === undefined) victim.kill('SIGKILL')
  const end = await victim.ended
  return signal !== undefined && end.signal === 'SIGKILL'
}
