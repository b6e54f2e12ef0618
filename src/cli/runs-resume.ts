/** `runs resume`, also with a person's decision about the record. */
import { Refused } from '../base/failure.ts'
import { integrations } from '../integrations/registry.ts'
import { resumeRun, type RunView } from '../operator/operate.ts'
import type { Decision } from '../runs/run.ts'
import type { Command, CommandContext, CommandResult, Input } from './command.ts'
import { changeChosen, manyOptions, meansMany } from './many-runs.ts'
import { chooseRun, runArgument } from './run-choice.ts'
import { runData } from './run-text.ts'
import { oneRun, reasonOf, reasonOption, user } from './who-and-why.ts'
import { withStore } from './with-store.ts'
import { WrongUsage } from './wrong-usage.ts'

export const runsResume: Command = {
  name: 'runs resume',
  summary: 'Resume a parked, waiting or delayed run now, or many of them',
  details:
    'A run that is parked because it is not clear whose record it is continues with your decision. `--record`: this one is the ' +
    'hire’s; it is read by its id, and CV and comment follow. `--make-again`: none is; a new one is made although one is on ' +
    'record, or Pinpoint says that the hire works here already. Either counts for this run only, and once. Who decided, and why, stands in its ' +
    'timeline and in the audit log: do not name the hire in `--reason`.\n\n' +
    'Without RUN many are chosen: the parked ones, unless `--state` says otherwise. Which they are is shown first; with `--yes` ' +
    'they are resumed, each with who did so and why in its timeline.',
  arguments: [{ ...runArgument, optional: true }],
  options: [
    { name: 'record', value: 'ID', description: 'This record in the destination is the hire’s' },
    { name: 'make-again', description: 'A new record is to be made' },
    ...manyOptions,
    reasonOption,
  ],
  examples: [
    'runs resume 8863807',
    'runs resume run_0abc_hibob',
    'runs resume run_0abc_hibob --record 3397352260643062621 --reason "Checked with the people team"',
    'runs resume run_0abc_hibob --make-again',
    'runs resume --tenant acme --code hibob.hire_incomplete',
    'runs resume --tenant acme --code hibob.hire_incomplete --reason "Start dates are set" --yes',
  ],
  prints: 'data',
  database: 'changes',
  run: (context) => (meansMany(context.input) ? resumeMany(context) : resumeOne(context)),
}

function resumeMany(context: CommandContext): Promise<CommandResult> {
  if (decisionOf(context.input) === undefined) return changeChosen('resume', context, runsResume)
  throw new WrongUsage('cli.decided_for_many', 'A decision applies to one run, and none is named.', {
    fix: 'Name the run, or leave --record and --make-again out.',
  })
}

function resumeOne(context: CommandContext): Promise<CommandResult> {
  return withStore(context, async ({ runs: runAdmin }) => {
    const chosen = await chooseRun(runAdmin, context.input, { unfinished: true })
    const { id } = chosen
    const decision = decisionOf(context.input)
    if (decision !== undefined) assertDecidable(chosen)
    const reason = reasonOf(context.input)
    const run = await resumeRun(runAdmin, id, { decision, by: user(context), reason })
    return {
      data: runData(run),
      changes: [oneRun(run, decision && { decision, reason })],
      text: `${run.id}: ${run.state}`,
      next: `Next: pinpoint-webhooks runs show ${run.id}`,
    }
  })
}

function decisionOf(input: Input): Decision | undefined {
  const record = input.option('record')
  const makeAgain = input.flag('make-again')
  if (record === undefined) return makeAgain ? { is: 'make_again' } : undefined
  if (makeAgain) {
    throw new WrongUsage('cli.decided_twice', '--record and --make-again contradict each other.', {
      fix: 'Give only one of them.',
    })
  }
  if (!/^[A-Za-z0-9][\w.:-]{0,99}$/.test(record)) {
    throw new WrongUsage('cli.record_id_wrong', 'The value of --record is not the id of a record.', {
      fix: 'Give the id that the destination has for it, such as 3397352260643062621.',
    })
  }
  return { is: 'record', record }
}

function assertDecidable({ id, integration }: RunView): void {
  if (integrations.some(({ name, recordsById }) => name === integration && recordsById === true)) return
  throw new Refused(
    'runs.no_record_to_decide',
    `--record and --make-again do not apply to run ${id}: the integration ${integration} does not look records up by their ids.`,
  )
}
