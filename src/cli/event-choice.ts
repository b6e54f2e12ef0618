/** The options that choose many events of a tenant, for `preview` and `replay`. */
import type { StoreToRead } from '../app/store-to-read.ts'
import { systemClock } from '../base/clock.ts'
import { handling, integrationNames } from '../integrations/registry.ts'
import type { ChosenState, EventChoice } from '../operator/chosen-events.ts'
import type { Input, OptionDefinition } from './command.ts'
import { assertIntegration } from './known-names.ts'
import { givenSince, sinceOption } from './since.ts'
import { slugOf, tenantOf, tenantOption } from './tenant-option.ts'
import { orNear, WrongUsage } from './wrong-usage.ts'

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

type OpenChoice = (store: Pick<StoreToRead, 'tenants'>) => Promise<EventChoice>

/** What was typed is checked at once; the tenant is looked up once the store is open. */
export function choiceOf(input: Input, all: readonly ChosenState[]): OpenChoice {
  slugOf(input)
  const states = statesOf(input.option('state') ?? 'all', all)
  const since = givenSince(input, systemClock)
  const of = integrationChoice(input)
  if (since === undefined) {
    throw new WrongUsage('cli.no_since', 'The command does not say since when.', {
      fix: 'Name --since, such as 30d.',
    })
  }
  return async (store) => ({ tenant: (await tenantOf(input, store)).id, since, states, ...of })
}

export function integrationChoice(input: Input): Pick<EventChoice, 'integration' | 'handling'> {
  const integration = input.option('integration')
  const all = handling('application_hired')
  if (integration !== undefined) assertIntegration(integration, all)
  return { integration, handling: all }
}

function statesOf(text: string, all: readonly ChosenState[]): readonly ChosenState[] {
  if (text === 'all') return all
  const state = all.find((one) => one === text)
  if (state !== undefined) return [state]
  const near = orNear(text, all)
  throw new WrongUsage('cli.state_unknown', `"${text}" is not a state to choose by${near}`, {
    fix: `Use one of ${all.join(', ')}, all.`,
  })
}
