/** `replay`: one event, or many at a chosen rate */
import type { Store } from '../app/store.ts'
import { counted } from '../base/duration.ts'
import { handling } from '../integrations/registry.ts'
import { type ReplayView, startReplay } from '../operator/bulk-replay.ts'
import { replayable } from '../operator/chosen-events.ts'
import { replayEvent } from '../operator/operate.ts'
import type { ChangeResult, Command, CommandContext, CommandResult } from './command.ts'
import { choiceOf, choiceOptions, integrationChoice } from './event-choice.ts'
import { eventData, eventText } from './events.ts'
import { withPreview } from './preview.ts'
import { previewChosen, previewData, previewText } from './preview-result.ts'
import { rateOf, rateOption } from './rate.ts'
import { whenText } from './when.ts'
import { withStore } from './with-store.ts'
import { WrongUsage } from './wrong-usage.ts'

/** The default of `preview`. */
const previewPerHour = 1800

export const replay: Command = {
  name: 'replay',
  summary: 'Run an event again, or many events of a tenant at a chosen rate',
  details:
    'New runs for the enabled connections, after fresh hires; parked runs are resumed. What exists already is found, not made ' +
    'again: the ledger and the destination are asked first. Many events are previewed, and started with --yes: each run has ' +
    'its own start time in the database, so this command need not keep running. `runs cancel --replay ID` ends all of ' +
    'them.',
  arguments: [{ name: 'EVENT', description: "One event's id, such as evt_…", optional: true }],
  options: [
    ...choiceOptions(replayable),
    rateOption('How many start', '60/m'),
    { name: 'yes', description: 'Start them, without a preview' },
  ],
  examples: [
    'replay evt_0abc --integration hibob',
    'replay --tenant acme --since 30d --state refused',
    'replay --tenant acme --since 30d --state refused --rate 60/m --yes --json',
  ],
  prints: 'data',
  database: 'changes',
  run: (context) => {
    const { input } = context
    const event = input.optionalArgument('EVENT')
    if (event === undefined) return input.flag('yes') ? startMany(context) : previewMany(context)
    if (input.option('tenant') !== undefined || input.option('since') !== undefined) {
      throw new WrongUsage('cli.choice_twice', 'The command names an event and chooses others as well.', {
        fix: 'Name one event, or choose many by --tenant and --since.',
      })
    }
    const { integration } = integrationChoice(input)
    return withStore(context, (store) => replayOne(store, event, integration))
  },
}

async function replayOne(
  { runs: runAdmin }: Store,
  id: string,
  integration: string | undefined,
): Promise<ChangeResult> {
  const event = await replayEvent(runAdmin, id, {
    event: handling,
    ...(integration === undefined ? {} : { integration }),
  })
  return {
    data: eventData(event),
    text: eventText(event),
    next: `Next: pinpoint-webhooks runs list --event ${event.id}`,
    changes: [
      {
        tenant: event.tenant,
        applications: event.subject === null ? [] : [event.subject],
        did: { event: id },
      },
    ],
  }
}

function previewMany(context: CommandContext): Promise<CommandResult> {
  const perHour = rateOf(context.input.option('rate') ?? '')
  const choice = choiceOf(context.input, replayable)
  return withPreview(context, async (store, deps) => {
    const chosen = await deps.store.choose(await choice(store))
    if (chosen.length === 0) return nothing
    const result = await previewChosen(context, deps, { chosen, perHour: previewPerHour })
    return {
      data: { started: false, wouldStart: chosen.length, perHour, preview: previewData(result) },
      text: previewText(result),
      next: `Nothing was started. Add --yes to start ${counted(chosen.length, 'run')}, at most ${perHour} an hour.`,
    }
  })
}

function startMany(context: CommandContext): Promise<CommandResult> {
  const perHour = rateOf(context.input.option('rate') ?? '')
  const choice = choiceOf(context.input, replayable)
  return withStore(context, async (store) => {
    context.progress('starting the runs of this replay')
    const replay = await startReplay(store.replays, await choice(store), perHour)
    if (replay === undefined) return { ...nothing, changes: [] }
    return {
      data: { started: true, ...replayData(replay) },
      text: `${replay.id}: ${counted(replay.total, 'run')}, the last one starts ${startText(replay.lastStartAt)}.`,
      next: `Next: pinpoint-webhooks runs list --replay ${replay.id}`,
      changes: [{ tenant: replay.tenant, did: { replay: replay.id, runs: replay.total } }],
    }
  })
}

function startText(at: string): string {
  const start = new Date(at)
  return start <= new Date() ? 'now' : whenText(start)
}

export function replayData(replay: ReplayView) {
  return { ...replay, states: [...replay.states], runs: { ...replay.runs } }
}

const nothing: CommandResult = {
  data: { started: false, wouldStart: 0 },
  text: 'Nothing to replay: no event matches.',
}
