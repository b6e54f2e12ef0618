/** `runs cancel` */
import { counted } from '../base/duration.ts'
import { cancelReplay, type ReplayAdmin } from '../operator/bulk-replay.ts'
import { cancelRun } from '../operator/operate.ts'
import type { ChangeResult, Command, CommandContext, CommandResult } from './command.ts'
import { changeChosen, manyOptions, meansMany } from './many-runs.ts'
import { replayData } from './replay.ts'
import { chooseRun, runArgument } from './run-choice.ts'
import { runFilterOptions } from './run-filter.ts'
import { runData } from './run-text.ts'
import { oneRun, reasonOf, reasonOption, user } from './who-and-why.ts'
import { withStore } from './with-store.ts'
import { WrongUsage } from './wrong-usage.ts'

export const runsCancel: Command = {
  name: 'runs cancel',
  summary: 'End a run that has not ended yet, or many of them',
  details:
    'What it has made in the destination stays. A call that is under way at this moment may still have its effect. Who cancelled a ' +
    'run, and why, stands in its timeline: do not name the hire in `--reason`.\n\n' +
    'Without RUN many are chosen: all that have not ended, unless `--state` says otherwise. Which they are is shown first; with ' +
    '`--yes` they are cancelled, each with who did so and why in its timeline.',
  arguments: [{ ...runArgument, optional: true }],
  options: [
    ...manyOptions,
    {
      name: 'replay',
      value: 'REPLAY',
      description: 'Instead of one run all of a replay of many; those that it had resumed are parked again',
    },
    reasonOption,
  ],
  examples: [
    'runs cancel 8863807',
    'runs cancel run_0abc_hibob',
    'runs cancel --tenant acme --state parked --since 30d --reason "Made by hand" --yes',
    'runs cancel --replay rpl_0abc',
  ],
  prints: 'data',
  database: 'changes',
  run: (context) => {
    const replay = context.input.option('replay')
    if (replay !== undefined) return cancelReplayOf(context, replay)
    return meansMany(context.input) ? changeChosen('cancel', context, runsCancel) : cancelOne(context)
  },
}

function cancelOne(context: CommandContext): Promise<CommandResult> {
  return withStore(context, async ({ runs: runAdmin }) => {
    const { id: chosen } = await chooseRun(runAdmin, context.input, { unfinished: true })
    const run = await cancelRun(runAdmin, chosen, { by: user(context), reason: reasonOf(context.input) })
    return { data: runData(run), text: `${run.id}: ${run.state}`, changes: [oneRun(run)] }
  })
}

function cancelReplayOf(context: CommandContext, replay: string): Promise<CommandResult> {
  const { input } = context
  const others = ['tenant', 'integration', ...runFilterOptions.map(({ name }) => name)]
  const other = others.some((name) => input.option(name) !== undefined)
  if (other || input.optionalArgument(runArgument.name) !== undefined) {
    throw new WrongUsage('cli.choice_twice', 'The command names a replay and chooses other runs as well.', {
      fix: 'Name --replay alone, or leave it out.',
    })
  }
  return withStore(context, ({ replays }) => cancelAll(replays, replay))
}

async function cancelAll(replays: ReplayAdmin, id: string): Promise<ChangeResult> {
  const { cancelled, parkedAgain, replay } = await cancelReplay(replays, id)
  const parked = parkedAgain === 0 ? '' : `, ${parkedAgain} parked again`
  return {
    data: { cancelled, parkedAgain, ...replayData(replay) },
    text: `${id}: ${counted(cancelled, 'run')} cancelled${parked}.`,
    changes: [{ tenant: replay.tenant, did: { replay: id, cancelled, 'parked again': parkedAgain } }],
  }
}
