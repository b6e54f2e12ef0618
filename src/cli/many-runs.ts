/** `runs resume` and `runs cancel` for many runs: they are listed first, and changed with `--yes`. */
import type { Change } from '../access/note-changes.ts'
import { showMasked } from '../access/show-hires.ts'
import { systemClock } from '../base/clock.ts'
import { counted } from '../base/duration.ts'
import { integrationNames } from '../integrations/registry.ts'
import { changeMany, type ManyRuns } from '../operator/many-runs.ts'
import { resumableStates } from '../operator/operate.ts'
import { type RunState, unfinishedStates } from '../runs/run.ts'
import type { Command, CommandContext, CommandResult, Input, OptionDefinition } from './command.ts'
import { programName } from './program.ts'
import { runArgument } from './run-choice.ts'
import {
  countedRuns,
  defined,
  mostCounted,
  noneText,
  noRuns,
  type RunChoice,
  runChoiceOf,
  runFilterOptions,
} from './run-filter.ts'
import { runTable } from './run-row.ts'
import { runData } from './run-text.ts'
import { hireData, hireText } from './shown-hires.ts'
import { reasonOf, user } from './who-and-why.ts'
import { withStore, withStoreToRead } from './with-store.ts'
import { WrongUsage } from './wrong-usage.ts'

const tenantAndIntegration: readonly OptionDefinition[] = [
  { name: 'tenant', value: 'TENANT', description: 'Only of this tenant' },
  { name: 'integration', value: 'NAME', values: integrationNames, description: 'Only of this integration' },
]

/** In addition to the argument `RUN`, which is then optional. */
export const manyOptions: readonly OptionDefinition[] = [
  ...tenantAndIntegration,
  ...runFilterOptions,
  { name: 'yes', description: 'Change the chosen runs; without this they are only listed' },
]

type How = ManyRuns['how']

const verbs = {
  resume: { done: 'resumed', would: 'wouldResume', states: resumableStates, usual: ['parked'] },
  cancel: { done: 'cancelled', would: 'wouldCancel', states: unfinishedStates, usual: unfinishedStates },
} as const satisfies Record<How, { readonly states: readonly RunState[]; readonly [name: string]: unknown }>

const namesOfMany = ['state', 'application', 'code', 'since'] as const
const mostShown = 10

/** True when many runs are chosen, false when one is named. Both and neither are errors. */
export function meansMany(input: Input): boolean {
  const [named, ...more] = [...namesOfMany].filter((name) => input.option(name) !== undefined)
  if (input.optionalArgument(runArgument.name) !== undefined) {
    if (named === undefined) return false
    throw new WrongUsage('cli.choice_twice', 'The command names one run and chooses others as well.', {
      fix: `Name one run, or choose many by ${[named, ...more].map((name) => `--${name}`).join(', ')} and the like.`,
    })
  }
  const narrowing = ['tenant', 'integration', ...namesOfMany].filter((name) => name !== 'state')
  if (narrowing.some((name) => input.option(name) !== undefined)) return true
  throw new WrongUsage('cli.nothing_named', 'No run is named, and none are chosen.', {
    fix: `Name a run, or choose many by one or more of ${narrowing.map((name) => `--${name}`).join(', ')}; --state alone is too wide.`,
  })
}

export function changeChosen(how: How, context: CommandContext, command: Command): Promise<CommandResult> {
  const choice = choiceFor(how, context.input)
  return context.input.flag('yes')
    ? perform(how, context, choice)
    : preview(how, context, { choice, command })
}

type Choice = RunChoice & { readonly states: readonly RunState[] }

function choiceFor(how: How, input: Input): Choice {
  const { states, usual } = verbs[how]
  const choice = runChoiceOf(input)
  const unfit = choice.states?.find((state) => !states.some((fit) => fit === state))
  if (unfit === undefined) return { ...choice, states: choice.states ?? usual }
  throw new WrongUsage('cli.state_unfit', `A run that is ${unfit} cannot be ${verbs[how].done}.`, {
    fix: `Use one or more of ${states.join(', ')}, with commas between them.`,
  })
}

function preview(
  how: How,
  context: CommandContext,
  { choice, command }: { readonly choice: Choice; readonly command: Command },
): Promise<CommandResult> {
  return withStoreToRead(context, async (store) => {
    const { runs, hires } = store
    const first = await runs.listRuns({ ...choice, limit: mostShown })
    if (first.length === 0) return nothing(how, choice, store)
    const count = await runs.countRuns({ ...choice, limit: mostCounted + 1 })
    const names = await showMasked(hires)(
      first.map(({ tenant, subject: application }) => ({ tenant, application })),
    )
    const { would, done } = verbs[how]
    const shown = first.map((run, index) => ({ run, who: hireText(names[index], run) }))
    const part = count > first.length ? `${first.length} of ${countedRuns(count)}` : counted(count, 'run')
    const line = typedAgain(command, context.input)
    return {
      data: {
        changed: false,
        [would]: Math.min(count, mostCounted),
        more: count > mostCounted,
        runs: first.map((run, index) => ({ ...runData(run), hire: hireData(names[index]) })),
        command: line,
      },
      text: `${runTable(shown, systemClock.now())}\n\n${part}. Nothing has been ${done}.`,
      next: `To ${how} ${count === 1 ? 'it' : `all ${counted(Math.min(count, mostCounted), 'run')}`}:\n  ${line}`,
    }
  })
}

function perform(how: How, context: CommandContext, choice: Choice): Promise<CommandResult> {
  return withStore(context, async (store) => {
    const { runs } = store
    const { done } = verbs[how]
    const { input, signal, progress } = context
    const chosen = await runs.listRuns({ ...choice, limit: mostCounted })
    if (chosen.length === 0) return { ...(await nothing(how, choice, store)), changes: [] }
    const { changed, movedOn, left } = await changeMany(runs, {
      how,
      // Oldest first.
      ids: chosen.map(({ id }) => id).reverse(),
      from: choice.states,
      who: { by: user(context), reason: reasonOf(input) },
      onProgress: (tried) =>
        progress(`${done} ${tried.toLocaleString('en')} of ${counted(chosen.length, 'run')}`),
      signal,
    })
    const lines = [
      `${counted(changed, 'run')} ${done}.`,
      ...(movedOn === 0 ? [] : [`${counted(movedOn, 'run')} had moved on in the meantime.`]),
      ...(left === 0 ? [] : [`Stopped: ${counted(left, 'run')} left.`]),
      ...(chosen.length < mostCounted ? [] : ['There may be more: run it again.']),
    ]
    return {
      data: { changed: true, [done]: changed, movedOn, left, more: chosen.length === mostCounted },
      text: lines.join(' '),
      changes: changed === 0 ? [] : [changeOf(choice, { [done]: changed })],
    }
  })
}

/** The single runs are not listed: their timelines have it. */
function changeOf(
  { tenant, subject, states, integration, code, since }: Choice,
  did: Readonly<Record<string, number>>,
): Change {
  return {
    tenant: tenant ?? null,
    applications: subject === undefined ? [] : [subject],
    did: { ...did, state: states.join(', '), ...defined({ integration, code, since: since?.toISOString() }) },
  }
}

async function nothing(
  how: How,
  choice: Choice,
  store: Parameters<typeof noneText>[0],
): Promise<CommandResult> {
  const { done, would } = verbs[how]
  const none = await noneText(store, { ...choice, limit: 1 })
  return {
    data: { changed: false, [would]: 0, more: false, runs: [] },
    text: none === noRuns ? `No run to be ${done}.` : none,
  }
}

/** The same command line, with `--yes`, as a shell takes it. */
function typedAgain({ name, options = [] }: Command, input: Input): string {
  const typed = options.flatMap(({ name: option, value }) => {
    const given = value === undefined ? undefined : input.option(option)
    return given === undefined ? [] : [`--${option}`, forShell(given)]
  })
  return [programName, name, ...typed, '--yes'].join(' ')
}

function forShell(text: string): string {
  return /^[\w.,:@%+=/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
