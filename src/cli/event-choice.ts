/** The options that choose many events of a tenant, for `preview` and `replay`. */
import type { StoreToRead } from '../app/store-to-read.ts'
import { systemClock } from '../base/clock.ts'
import { NeedsPerson } from '../base/failure.ts'
import { handling, integrationNames } from '../integrations/registry.ts'
import type { ChosenState, EventChoice } from '../operator/chosen-events.ts'
import type { Input, OptionDefinition } from './command.ts'
import { sinceOf, sinceOption } from './since.ts'
import { tenantOf, tenantOption } from './tenant-option.ts'

export const integrationOption: OptionDefinition = {
  name: 'integration',
  value: 'NAME',
  values: integrationNames,
  description: 'Only this integration',
}

/** `states`: those that can be chosen, `none` (no run yet) last. */
export function choiceOptions(states: readonly ChosenState[]): readonly OptionDefinition[] {
  const named = states.slice(0, -1).join(', ')
  return [
    tenantOption,
    sinceOption('Events that reached us since'),
    {
      name: 'state',
      value: 'STATE',
      values: [...states, 'all'],
      description: `Only those whose newest run is ${named}; or none, for those without a run; or all of these`,
      default: 'all',
    },
    integrationOption,
  ]
}

export async function choiceOf(
  input: Input,
  store: Pick<StoreToRead, 'tenants'>,
  all: readonly ChosenState[],
): Promise<EventChoice> {
  const states = statesOf(input.option('state') ?? 'all', all)
  const since = input.option('since')
  const tenant = await tenantOf(input, store)
  if (since === undefined) {
    throw new NeedsPerson('cli.no_since', 'The command does not say since when.', {
      fix: 'Name --since, such as 30d.',
    })
  }
  return {
    tenant: tenant.id,
    since: sinceOf(since, systemClock),
    states,
    ...integrationChoice(input),
  }
}

export function integrationChoice(input: Input): Pick<EventChoice, 'integration' | 'handling'> {
  const integration = input.option('integration')
  const all = handling('application_hired')
  if (integration === undefined || all.includes(integration)) return { integration, handling: all }
  throw new NeedsPerson('cli.integration_unknown', `No integration "${integration}" handles hires.`, {
    fix: `Use one of ${all.join(', ')}.`,
  })
}

function statesOf(text: string, all: readonly ChosenState[]): readonly ChosenState[] {
  if (text === 'all') return all
  const state = all.find((one) => one === text)
  if (state !== undefined) return [state]
  throw new NeedsPerson('cli.state_unknown', `"${text}" is not a state to choose by.`, {
    fix: `Use one of ${all.join(', ')}, all.`,
  })
}
