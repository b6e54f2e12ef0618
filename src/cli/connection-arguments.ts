/** The tenant and the integration that a command is about: as arguments, or as the options by which other commands narrow their lists. */
import { integrationNames } from '../integrations/registry.ts'
import type { ArgumentDefinition } from './command.ts'

export const tenantArgument: ArgumentDefinition = {
  name: 'TENANT',
  description: "The tenant's slug",
  option: 'tenant',
}

export const integrationArgument: ArgumentDefinition = {
  name: 'INTEGRATION',
  description: 'Such as hibob',
  values: integrationNames,
  option: 'integration',
}

export const connectionArguments: readonly ArgumentDefinition[] = [tenantArgument, integrationArgument]
