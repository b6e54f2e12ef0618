/** The options that choose runs, the same for every command that takes many. */
import { systemClock } from '../base/clock.ts'
import { counted } from '../base/duration.ts'
import { mustShowReplay, type ReplayReader } from '../operator/bulk-replay.ts'
import { mustShowEvent, type RunFilter, type RunReader } from '../operator/operate.ts'
import { type RunState, runStates } from '../runs/run.ts'
import type { Input, OptionDefinition } from './command.ts'
import { mustKnowFilter } from './known-names.ts'
import { givenSince, sinceOption } from './since.ts'
import { didYouMean, orNear, WrongUsage } from './wrong-usage.ts'

/** Without `tenant` and `integration`: some commands describe these differently. */
export const runFilterOptions: readonly OptionDefinition[] = [
  {
    name: 'state',
    value: 'STATES',
    values: runStates,
    description: `Only in these states, with commas between them: ${runStates.join(', ')}`,
  },
  { name: 'application', value: 'ID', description: 'Only of this application' },
  {
    name: 'code',
    value: 'CODE',
    description: 'Only those that wait, are parked or were refused with this code',
  },
  sinceOption('Only those that were created since'),
]

export type RunChoice = Omit<RunFilter, 'limit' | 'event' | 'replay'>

export function runChoiceOf(input: Input): RunChoice {
  return defined({
    tenant: input.option('tenant'),
    states: statesOf(input.option('state')),
    subject: input.option('application'),
    code: input.option('code'),
    since: givenSince(input, systemClock),
    integration: input.option('integration'),
  })
}

function statesOf(text: string | undefined): readonly RunState[] | undefined {
  return text?.split(',').map((one) => {
    const typed = one.trim()
    const state = runStates.find((known) => known === typed)
    if (state !== undefined) return state
    const near = orNear(typed, runStates)
    throw new WrongUsage('cli.state_unknown', `"${typed}" is not a state of a run${near}`, {
      fix: `Use one or more of ${runStates.join(', ')}, with commas between them.`,
    })
  })
}

export function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}

/** Counting further would take long, and the exact number helps nobody. */
export const mostCounted = 10_000

export const noRuns = 'No runs.'

/** For an empty list: unknown names in the filter are errors. An unknown code is not, since it may be one that no run has now. */
export async function noneText(
  store: Parameters<typeof mustKnowFilter>[0] & { readonly runs: RunReader; readonly replays: ReplayReader },
  { tenant, integration, event, replay, code }: RunFilter,
): Promise<string> {
  await mustKnowFilter(store, { tenant, integration })
  if (event !== undefined) await mustShowEvent(store.runs, event)
  if (replay !== undefined) await mustShowReplay(store.replays, replay)
  const codes = code === undefined ? [] : await store.runs.listCodes()
  if (code === undefined || codes.includes(code)) return noRuns
  const near = didYouMean(code, codes)
  const all = codes.length === 0 || near !== '' ? '' : ` Codes that runs have: ${codes.join(', ')}.`
  return `No run has the code "${code}"${near || '.'}${all}`
}

/** `50 of 67 runs`, or undefined if all are shown. */
export async function partText(
  runs: Pick<RunReader, 'countRuns'>,
  filter: RunFilter,
  shown: number,
): Promise<string | undefined> {
  if (shown < filter.limit) return undefined
  const count = await runs.countRuns({ ...filter, limit: mostCounted + 1 })
  return count <= shown ? undefined : `${shown.toLocaleString('en')} of ${countedRuns(count)}`
}

/** For a count that stopped at one more than `mostCounted`. */
export function countedRuns(count: number): string {
  return count > mostCounted ? `more than ${counted(mostCounted, 'run')}` : counted(count, 'run')
}
