/** Finds the run that the user named by its id, the beginning of it, its event or its application. */
import { NeedsPerson, Refused } from '../base/failure.ts'
import { integrationNames } from '../integrations/registry.ts'
import type { RunName, RunReader, RunView } from '../operator/operate.ts'
import { isFinished } from '../runs/run.ts'
import type { Input, OptionDefinition } from './command.ts'

export const runArgument = {
  name: 'RUN',
  description:
    "The application's id; or the id of the run, an unambiguous beginning of it, or the id of its event",
}

/** Distinguish the runs of one application. */
export const runChoiceOptions: readonly OptionDefinition[] = [
  {
    name: 'tenant',
    value: 'TENANT',
    description: 'The run of this tenant, where several have the application',
  },
  {
    name: 'integration',
    value: 'NAME',
    values: integrationNames,
    description: 'The run of this integration, where several have one',
  },
]

/** The number of runs in the error message; more would not help. */
const mostNamed = 10

/** `unfinished`: if the name fits several runs, it means the unfinished ones. */
export async function chooseRun(
  runs: Pick<RunReader, 'findRuns'>,
  input: Input,
  { unfinished = false } = {},
): Promise<RunView> {
  const value = input.argument(runArgument.name)
  const [tenant, integration] = [input.option('tenant'), input.option('integration')]
  const name = { kind: kindOf(value), value }
  const found = await runs.findRuns(name, {
    ...(tenant === undefined ? {} : { tenant }),
    ...(integration === undefined ? {} : { integration }),
    limit: mostNamed + 1,
  })
  const open = found.filter(({ state }) => !isFinished(state))
  const meant = unfinished && name.kind !== 'id' && open.length > 0 ? open : found
  const [only, ...others] = meant
  if (only === undefined) throw unknownRun(name)
  if (others.length > 0) throw ambiguous(value, meant)
  return only
}

function kindOf(value: string): RunName['kind'] {
  if (value.startsWith('run_')) return 'id'
  return value.startsWith('evt_') ? 'event' : 'application'
}

const described: Readonly<Record<RunName['kind'], string>> = {
  id: '',
  event: 'of event ',
  application: 'of application ',
}

export function unknownRun({ kind, value }: RunName): Refused {
  return new Refused('runs.unknown_run', `There is no run ${described[kind]}${value}.`)
}

function ambiguous(value: string, runs: readonly RunView[]): NeedsPerson {
  const named = runs.slice(0, mostNamed)
  const lines = named.map(
    ({ id, tenant, subject, integration, state }) =>
      `${id} (${tenant}, application ${subject}, ${integration}, ${state})`,
  )
  const more = runs.length > mostNamed ? '; and more' : ''
  return new NeedsPerson(
    'runs.ambiguous',
    `${value} can mean any of these runs: ${lines.join('; ')}${more}.`,
    {
      fix: 'Name one of them by its id, or say which with --integration or --tenant.',
      details: { runs: named.map(({ id }) => id) },
    },
  )
}
