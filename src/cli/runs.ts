/** `runs cancel` */
import { NeedsPerson } from '../base/failure.ts'
import { cancelReplay, type ReplayAdmin } from '../operator/bulk-replay.ts'
import { cancelRun } from '../operator/operate.ts'
import type { Command, CommandResult } from './command.ts'
import { replayData } from './replay.ts'
import { chooseRun, runArgument, runChoiceOptions } from './run-choice.ts'
import { runData } from './run-text.ts'
import { counted } from './when.ts'
import { reasonOf, reasonOption, user } from './who-and-why.ts'
import { withStore } from './with-store.ts'

export const runsCancel: Command = {
  name: 'runs cancel',
  summary: 'End a run that has not ended yet',
  details:
    'What it has made in the destination stays. A call that is under way at this moment may still have its effect. Who cancelled one ' +
    'run, and why, stands in its timeline: do not name the hire in `--reason`.',
  arguments: [{ ...runArgument, optional: true }],
  options: [
    ...runChoiceOptions,
    {
      name: 'replay',
      value: 'REPLAY',
      description: 'Instead of one run all of a replay of many; those that it had resumed are parked again',
    },
    reasonOption,
  ],
  examples: ['runs cancel 8863807', 'runs cancel run_0abc_hibob', 'runs cancel --replay rpl_0abc'],
  prints: 'data',
  database: 'changes',
  run: (context) =>
    withStore(context, async ({ runs: runAdmin, replays }) => {
      const id = context.input.optionalArgument('RUN')
      const replay = context.input.option('replay')
      if ((id === undefined) === (replay === undefined)) throw oneOfTwo()
      if (replay !== undefined) return cancelAll(replays, replay)
      const { id: chosen } = await chooseRun(runAdmin, context.input, { unfinished: true })
      const run = await cancelRun(runAdmin, chosen, { by: user(), reason: reasonOf(context.input) })
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
    text: `${id}: ${counted(cancelled, 'run')} cancelled${parked}.`,
  }
}
