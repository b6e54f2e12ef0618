/** Plays each scenario once with nothing going wrong, and writes down which calls it passes. */
import { startService } from '../../src/app/service.ts'
import { decoratePorts } from './decorate-ports.ts'
import { judge } from './judge.ts'
import { pace } from './pace.ts'
import type { Reached } from './reach.ts'
import { type Row, rowsOf } from './rows.ts'
import type { Stage } from './stage.ts'
import { plainHire } from './subject.ts'
import { until } from './until.ts'

/** `name`: what it is for. Rungs are played at the same time and may share a destination, so accounts carry it. */
export async function discover(stage: Stage, name: string): Promise<readonly Row[]> {
  const scenarios = [plainHire, ...(stage.subject.scenarios ?? [])]
  const hires = await stage.prepare(
    scenarios.map((scenario, index) => ({
      scenario,
      account: `clean-${name}-${index + 1}`,
    })),
  )
  const passed = new Map<string, Reached[]>(hires.map(({ account }) => [account, []]))
  const watch = async (at: Reached) => {
    if (at.moment !== 'after' || at.level !== 'port') return
    for (const account of at.accounts) passed.get(account)?.push(at)
  }
  const service = await startService(stage.config, stage.log, {
    decorate: decoratePorts(watch),
    integrations: stage.integrations,
    ...pace,
  })
  try {
    await Promise.all(
      hires.map(async (hire) => {
        await stage.deliver(hire, () => service.url)
        await hire.scenario.meanwhile?.(hire, stage.store.runs)
      }),
    )
    const violations = await judge(stage, hires)
    if (violations.length > 0) throw new Error(`without any accident:\n${violations.join('\n')}`)
    for (const { account, scenario } of hires) {
      await until(`${scenario.title} to pass ${scenario.for.join(', ')}`, () =>
        scenario.for.every((boundary) => passed.get(account)?.some((at) => at.boundary === boundary)),
      )
    }
  } finally {
    await service.close()
  }
  return rowsOf(
    hires.map(({ account, scenario }) => ({
      scenario,
      passed: (passed.get(account) ?? []).filter(
        ({ boundary }) => scenario !== plainHire || !plainHire.not.includes(boundary),
      ),
    })),
  )
}
