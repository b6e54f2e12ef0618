/** `preview` */
import { previewDeps } from '../app/operator.ts'
import { openOutbound } from '../app/outbound.ts'
import type { StoreToRead } from '../app/store-to-read.ts'
import { Refused } from '../base/failure.ts'
import { type Chosen, previewable } from '../operator/chosen-events.ts'
import type { PreviewStore } from '../operator/ports.ts'
import type { PreviewDeps } from '../operator/preview.ts'
import type { Command, CommandContext, CommandResult } from './command.ts'
import { choiceOf, choiceOptions, integrationChoice } from './event-choice.ts'
import { previewChosen, previewData, previewText } from './preview-result.ts'
import { rateOf, rateOption } from './rate.ts'
import { withStoreToRead } from './with-store.ts'
import { WrongUsage } from './wrong-usage.ts'

export const previewRate = rateOption('After the first ten, how fast', '30/m')

export const preview: Command = {
  name: 'preview',
  summary: 'Show what events would do if they ran now, without creating anything',
  details:
    'Pinpoint and the destination are read; every other call is refused by the client itself, and the ledger is only read. ' +
    'Up to 20 runs are listed with what each would send, field by field, as in `mapping test`, and masked. ' +
    'Reads count against the limits of Pinpoint and the destination, which the service needs too: --rate.',
  arguments: [{ name: 'EVENT', description: 'Ids of events, such as evt_…', optional: true, several: true }],
  options: [...choiceOptions(previewable), previewRate],
  examples: ['preview evt_0abc', 'preview --tenant acme --since 30d --state parked --json'],
  prints: 'data',
  database: 'reads',
  run: (context) => {
    const perHour = rateOf(context.input.option('rate') ?? '')
    const choose = chosenBy(context)
    return withPreview(context, async (store, deps) => {
      const chosen = await choose(store, deps)
      const result = await previewChosen(context, deps, { chosen, perHour })
      return { data: previewData(result), text: previewText(result) }
    })
  },
}

/** With an outbound that is closed afterwards. */
export function withPreview(
  context: CommandContext,
  work: (store: StoreToRead, deps: PreviewDeps & { readonly store: PreviewStore }) => Promise<CommandResult>,
): Promise<CommandResult> {
  return withStoreToRead(context, async (store) => {
    const outbound = openOutbound(context.config())
    try {
      return await work(
        store,
        previewDeps({ store, outbound, log: context.log, address: context.config().egressName }),
      )
    } finally {
      await outbound.close()
    }
  })
}

type Choose = (store: StoreToRead, deps: { readonly store: PreviewStore }) => Promise<readonly Chosen[]>

function chosenBy({ input }: CommandContext): Choose {
  const events = input.severalArguments('EVENT')
  if (events.length === 0) {
    const choice = choiceOf(input, previewable)
    return async (store, deps) => deps.store.choose(await choice(store))
  }
  if (input.option('tenant') !== undefined || input.option('since') !== undefined) {
    throw new WrongUsage('cli.choice_twice', 'The command names events and chooses others as well.', {
      fix: 'Name events, or choose them by --tenant and --since.',
    })
  }
  const only = integrationChoice(input)
  return async (_, deps) => {
    const chosen: Chosen[] = []
    for (const event of events) {
      const own = await deps.store.chooseEvent(event, only)
      if (own === undefined) throw new Refused('runs.unknown_event', `There is no event ${event}.`)
      chosen.push(...own)
    }
    return chosen
  }
}
