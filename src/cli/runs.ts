/** `runs list | show | cancel` */
import { NeedsPerson, Refused } from '../base/failure.ts'
import type { JsonObject } from '../base/json.ts'
import { cancelReplay, type ReplayAdmin } from '../operator/bulk-replay.ts'
import { cancelRun, type RunView, type ShownRun, type TimelineEntry } from '../operator/operate.ts'
import { type RunState, runStates } from '../runs/run.ts'
import type { Command, CommandResult } from './command.ts'
import { limitOf, limitOption } from './limit.ts'
import { goesOn, recheckText } from './recheck-view.ts'
import { replayData } from './replay.ts'
import { table } from './table.ts'
import { mustKnow } from './tenants.ts'
import { withStore, withStoreToRead } from './with-store.ts'

export const runArgument = { name: 'RUN', description: "The run's id, such as run_…_hibob" }

export const runsList: Command = {
  name: 'runs list',
  summary: 'List runs, newest first',
  options: [
    { name: 'tenant', value: 'TENANT', description: 'Only of this tenant' },
    { name: 'state', value: 'STATE', description: `Only in this state: ${runStates.join(', ')}` },
    { name: 'integration', value: 'NAME', description: 'Only of this integration' },
    { name: 'event', value: 'EVENT', description: 'Only of this event' },
    { name: 'replay', value: 'REPLAY', description: 'Only of this replay of many' },
    limitOption,
  ],
  examples: ['runs list', 'runs list --state parked', 'runs list --tenant acme --json'],
  prints: 'data',
  database: 'reads',
  run: (context) =>
    withStoreToRead(context, async ({ runs: runAdmin, tenants }) => {
      const { input } = context
      const state = stateOf(input.option('state'))
      const given = {
        tenant: input.option('tenant'),
        integration: input.option('integration'),
        event: input.option('event'),
        replay: input.option('replay'),
      }
      const runs = await runAdmin.listRuns({
        ...defined(given),
        ...(state === undefined ? {} : { state }),
        limit: limitOf(input),
      })
      if (given.tenant !== undefined && runs.length === 0) await mustKnow(tenants, given.tenant)
      const rows = runs.map((run) => [
        run.id,
        run.tenant,
        run.subject,
        run.state,
        run.reason ?? resultText(run),
      ])
      const text = runs.length === 0 ? 'No runs.' : table(['RUN', 'TENANT', 'APPLICATION', 'STATE', ''], rows)
      return { data: runs.map(runData), text }
    }),
}

export const runsShow: Command = {
  name: 'runs show',
  summary: 'Show one run with its timeline',
  arguments: [runArgument],
  examples: ['runs show run_0abc_hibob'],
  prints: 'data',
  database: 'reads',
  run: (context) =>
    withStoreToRead(context, async ({ runs: runAdmin }) => {
      const id = context.input.argument('RUN')
      const shown = await runAdmin.showRun(id)
      if (shown === undefined) throw new Refused('runs.unknown_run', `There is no run ${id}.`)
      const { run, timeline, rechecks } = shown
      return {
        data: {
          ...runData(run),
          rechecks: rechecks.map((recheck) => ({ ...recheck })),
          timeline: timeline.map((entry) => ({ ...entry })),
        },
        text: runText(run, timeline, rechecks),
      }
    }),
}

export const runsCancel: Command = {
  name: 'runs cancel',
  summary: 'End a run that has not ended yet',
  details:
    'What it has made in the destination stays. A call that is under way at this moment may still have its effect.',
  arguments: [{ ...runArgument, optional: true }],
  options: [
    {
      name: 'replay',
      value: 'REPLAY',
      description: 'Instead of one run all of a replay of many; those that it had resumed are parked again',
    },
  ],
  examples: ['runs cancel run_0abc_hibob', 'runs cancel --replay rpl_0abc'],
  prints: 'data',
  database: 'changes',
  run: (context) =>
    withStore(context, async ({ runs: runAdmin, replays }) => {
      const id = context.input.optionalArgument('RUN')
      const replay = context.input.option('replay')
      if ((id === undefined) === (replay === undefined)) throw oneOfTwo()
      if (replay !== undefined) return cancelAll(replays, replay)
      const run = await cancelRun(runAdmin, id ?? '')
      return { data: runData(run), text: `${run.id}: ${run.state}` }
    }),
}

function oneOfTwo(): NeedsPerson {
  return new NeedsPerson('cli.nothing_named', 'It is not said what to cancel, or two things are named.', {
    fix: 'Name a run, or --replay.',
  })
}

async function cancelAll(replays: ReplayAdmin, id: string): Promise<CommandResult> {
  const { cancelled, parkedAgain, replay } = await cancelReplay(replays, id)
  const parked = parkedAgain === 0 ? '' : `, ${parkedAgain} parked again`
  return {
    data: { cancelled, parkedAgain, ...replayData(replay) },
    text: `${id}: ${cancelled} runs cancelled${parked}.`,
  }
}

function stateOf(text: string | undefined): RunState | undefined {
  if (text === undefined) return undefined
  const state = runStates.find((one) => one === text)
  if (state !== undefined) return state
  throw new NeedsPerson('cli.state_unknown', `"${text}" is not a state of a run.`, {
    fix: `Use one of ${runStates.join(', ')}.`,
  })
}

function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}

export function runData(run: RunView): JsonObject {
  return { ...run, decision: run.decision && { ...run.decision } }
}

function resultText({ result }: RunView): string {
  if (result === null) return ''
  const { did, recordId, warnings } = result
  const count = Array.isArray(warnings) ? warnings.length : 0
  const record = typeof recordId === 'string' ? ` ${recordId}` : ''
  return `${typeof did === 'string' ? did : ''}${record}${count === 0 ? '' : `, ${count} warning${count === 1 ? '' : 's'}`}`
}

function runText(run: RunView, timeline: readonly TimelineEntry[], rechecks: ShownRun['rechecks']): string {
  const facts = [
    ['Run', run.id],
    ['Tenant', run.tenant],
    ['Integration', run.integration],
    ['Application', run.subject],
    ['Event', run.event],
    ['State', run.state],
    ['Why', run.reason],
    ['Fix', run.fix],
    ...(run.resumesOn === null ? [] : [['Goes on', goesOn(run.resumesOn, rechecks)]]),
    ...rechecks.map((recheck) => ['Rechecks', recheckText(recheck)]),
    ['Next try', run.nextAt],
    ['Decided', decisionText(run)],
    ['Result', resultText(run)],
    ...warningLines(run),
  ].filter(([, value]) => value !== null && value !== '')
  const lines = timeline.map(({ at, attempt, kind, text, milliseconds }) => [
    at.slice(11, 23),
    attempt === 0 ? '' : `attempt ${attempt}`,
    kind,
    milliseconds === undefined ? '' : `${milliseconds} ms`,
    text,
  ])
  return [
    ...facts.map(([name, value]) => `${String(name).padEnd(12)} ${String(value)}`),
    '',
    table(['TIME', '', '', '', ''], lines),
  ].join('\n')
}

function decisionText({ decision }: RunView): string {
  if (decision === null) return ''
  const { is, record, by, reason, at } = decision
  const what = is === 'record' ? `record ${record ?? ''} is the hire’s` : 'a new record is made'
  return `${what} (${[by, at, reason].filter((part) => part !== null).join(', ')})`
}

function warningLines({ result }: RunView): [string, string][] {
  const warnings = result?.['warnings']
  if (!Array.isArray(warnings)) return []
  return warnings.map((warning: { readonly message?: unknown }) => ['Warning', String(warning.message)])
}
