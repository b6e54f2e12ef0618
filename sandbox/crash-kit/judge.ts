/** The oracle: what must hold for each hire when everything has come to rest, whatever went wrong in between. */
import { wrongPersonTold } from '../wrong-person.ts'
import { tenantsArrived } from './inbox.ts'
import type { Hire, Stage } from './stage.ts'
import type { Counts } from './subject.ts'
import { judgeSweeps, sweptAll } from './sweeps.ts'
import { within } from './until.ts'

/** How long the slowest recovery may take: a heartbeat that stops, a retry after a bug, both a few times over. */
const settleSeconds = 90

/** One sentence for each promise that did not hold. */
export async function judge(stage: Stage, hires: readonly Hire[]): Promise<readonly string[]> {
  await allAtRest(stage, hires)
  const judged: string[] = []
  for (const hire of hires) judged.push(...(await judgeHire(stage, hire)))
  const { counts, wrongPerson } = stage.sandbox.ledger()
  if (counts.leaks > 0) judged.push('an API key went to the host of a CV')
  judged.push(...wrongPersonTold(wrongPerson))
  return judged
}

/** Those that do not come to rest in time are told by the judge. */
export async function allAtRest(stage: Stage, hires: readonly Hire[]): Promise<void> {
  const accounts = new Set(hires.map(({ account }) => account))
  const { pool } = stage.store.database
  const toSweep = hires.filter(isSwept).map(({ account }) => account)
  const atRest = async () => {
    if (!(await sweptAll(pool, toSweep))) return false
    if ((await tenantsArrived(pool)).some((tenant) => accounts.has(tenant))) return false
    const runs = await stage.store.runs.listRuns({ limit: 10_000 })
    return runs.every(
      ({ tenant, state }) => !accounts.has(tenant) || !['queued', 'running', 'waiting'].includes(state),
    )
  }
  await within(settleSeconds, atRest)
}

const isSwept = ({ scenario }: Hire) => scenario.through !== undefined

async function judgeHire(stage: Stage, hire: Hire): Promise<readonly string[]> {
  const { account, scenario } = hire
  const complain = (what: string) => `${account} (${scenario.title}): ${what}`
  const runs = await stage.runs(account)
  const { runs: wantedRuns = 1 } = scenario
  const sweeps = isSwept(hire) ? await judgeSweeps(stage.store.database.pool, account) : []
  // Acknowledged means stored: the hire has its run.
  if (runs.length !== wantedRuns)
    return [`has ${runs.length} runs instead of ${wantedRuns}`, ...sweeps].map(complain)

  const ends = scenario.ends ?? 'done'
  const wanted = scenario.expected ?? stage.subject.expected
  const effects: Counts = {
    ...(await stage.subject.effects(account)),
    comments: stage.sandbox.pinpoint.comments(hire.application, account).length,
  }
  return [
    ...sweeps.map(complain),
    ...runs
      .filter(({ state }) => state !== ends)
      .map(({ state, code }) => complain(`its run is ${state} (${code ?? ''}), not ${ends}`)),
    ...Object.entries({ comments: 0, ...wanted }).flatMap(([kind, count]) =>
      effects[kind] === count ? [] : [complain(`${effects[kind] ?? 0} ${kind} instead of ${count}`)],
    ),
  ]
}

/** Secrets and personal data that stand in what processes wrote. Told by their beginning only. */
export function leaksIn(output: string, secrets: ReadonlySet<string>): readonly string[] {
  const text = output.toLowerCase()
  return [...secrets]
    .filter((secret) => text.includes(secret.toLowerCase()))
    .map((secret) => `an output holds "${secret.slice(0, 6)}…"`)
}
