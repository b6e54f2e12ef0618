/** `runs list` */
import { systemClock } from '../base/clock.ts'
import { NeedsPerson } from '../base/failure.ts'
import type { RunFilter, RunReader } from '../operator/operate.ts'
import { type RunState, runStates } from '../runs/run.ts'
import type { Command, Input } from './command.ts'
import { limitOf, limitOption } from './limit.ts'
import { runTable } from './run-row.ts'
import { runData } from './run-text.ts'
import { hireData, hiresOf, hireText, revealOption } from './shown-hires.ts'
import { sinceOf, sinceOption } from './since.ts'
import { mustKnow } from './tenants.ts'
import { counted, machineZone } from './when.ts'
import { withStoreToRead } from './with-store.ts'

export const runsList: Command = {
  name: 'runs list',
  summary: 'List runs, newest first',
  details:
    'Names are masked. What a run waits for stands below it; `runs show` with its application says all of it.',
  options: [
    { name: 'tenant', value: 'TENANT', description: 'Only of this tenant' },
    {
      name: 'state',
      value: 'STATES',
      description: `Only in these states, with commas between them: ${runStates.join(', ')}`,
    },
    { name: 'application', value: 'ID', description: 'Only of this application' },
    {
      name: 'code',
      value: 'CODE',
      description: 'Only those that wait, are parked or were refused with this code',
    },
    sinceOption('Only those that were created since'),
    { name: 'integration', value: 'NAME', description: 'Only of this integration' },
    { name: 'event', value: 'EVENT', description: 'Only of this event' },
    { name: 'replay', value: 'REPLAY', description: 'Only of this replay of many' },
    revealOption,
    limitOption,
  ],
  examples: [
    'runs list',
    'runs list --state parked,waiting --since 2d',
    'runs list --application 8863807 --reveal',
    'runs list --tenant acme --json',
  ],
  prints: 'data',
  database: 'reads',
  run: (context) =>
    withStoreToRead(context, async (store) => {
      const { input } = context
      const filter = filterOf(input)
      const runs = await store.runs.listRuns(filter)
      if (filter.tenant !== undefined && runs.length === 0) await mustKnow(store.tenants, filter.tenant)
      const hires = await hiresOf(store, runs, { input, command: 'runs list' })
      const data = runs.map((run, index) => ({ ...runData(run), hire: hireData(hires[index]) }))
      if (context.json) return { data }
      if (runs.length === 0) return { data, text: 'No runs.' }
      const named = runs.map((run, index) => ({ run, who: hireText(hires[index], run) }))
      return {
        data,
        text: runTable(named, systemClock.now()),
        next: `${await countText(store.runs, filter, runs.length)} Times: ${machineZone()}.`,
      }
    }),
}

function filterOf(input: Input): RunFilter {
  const since = input.option('since')
  const given = {
    tenant: input.option('tenant'),
    states: statesOf(input.option('state')),
    subject: input.option('application'),
    code: input.option('code'),
    since: since === undefined ? undefined : sinceOf(since, systemClock),
    integration: input.option('integration'),
    event: input.option('event'),
    replay: input.option('replay'),
  }
  return { ...defined(given), limit: limitOf(input) }
}

/** Beyond this nobody reads on, and counting would take its time. */
const mostCounted = 10_000

async function countText(
  runs: Pick<RunReader, 'countRuns'>,
  filter: RunFilter,
  shown: number,
): Promise<string> {
  if (shown < filter.limit) return `${counted(shown, 'run')}.`
  const count = await runs.countRuns({ ...filter, limit: mostCounted + 1 })
  if (count <= shown) return `${counted(shown, 'run')}.`
  const all = count > mostCounted ? `more than ${counted(mostCounted, 'run')}` : counted(count, 'run')
  return `${shown.toLocaleString('en')} of ${all}; --limit shows more.`
}

function statesOf(text: string | undefined): readonly RunState[] | undefined {
  return text?.split(',').map((one) => {
    const state = runStates.find((known) => known === one.trim())
    if (state !== undefined) return state
    throw new NeedsPerson('cli.state_unknown', `"${one.trim()}" is not a state of a run.`, {
      fix: `Use one or more of ${runStates.join(', ')}, with commas between them.`,
    })
  })
}

function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
