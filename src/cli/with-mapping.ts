/** Opens what commands about the mapping of one connection need. */
import { openOutbound, openPoliteHttp } from '../app/outbound.ts'
import type { StoreToRead } from '../app/store-to-read.ts'
import { systemClock } from '../base/clock.ts'
import { NeedsPerson } from '../base/failure.ts'
import { integrations } from '../integrations/registry.ts'
import type { Target } from '../mapping/target.ts'
import type { ReadOutcomes } from '../operator/mapping-trial.ts'
import { openPinpoint, type Pinpoint } from '../pinpoint/client.ts'
import type { Integration } from '../sdk/integration.ts'
import type { DecryptedConnection } from '../tenants/connection.ts'
import {
  connectionFields,
  type ConnectionMapping,
  readConnectionMapping,
  valuesToRead,
} from '../tenants/connection-values.ts'
import { patient } from '../tenants/preflight-patience.ts'
import { createCachedReads } from '../worker/cached-reads.ts'
import type { CommandContext, CommandResult } from './command.ts'
import { integrationArgument } from './connection-arguments.ts'
import { unknownConnection } from './known-names.ts'
import { patience } from './patience.ts'
import { tenantOf } from './tenant-option.ts'
import { withStoreToRead } from './with-store.ts'

export interface MappedConnection extends DecryptedConnection {
  readonly store: StoreToRead
  readonly integration: Integration
  /** Read-only, within what hires leave of the limits; it waits when a limit is exhausted. */
  readonly pinpoint: Pinpoint
  /** The present fields of the destination. */
  readonly fields: readonly Target[]
  /** What a run would do beyond what the fields say; what it reads is kept for the other hires. */
  readonly outcomes: ReadOutcomes
  /** The defaults of the integration if the connection has no mapping. */
  readonly own: ConnectionMapping
}

export function withMapping(
  context: CommandContext,
  work: (connection: MappedConnection) => Promise<CommandResult>,
): Promise<CommandResult> {
  const name = context.input.argument(integrationArgument.name)
  return withStoreToRead(context, async (store) => {
    const tenant = await tenantOf(context.input, store)
    const opened = await store.connections.open(tenant.slug, name)
    const integration = integrations.find((one) => one.name === name)
    if (opened === undefined || integration === undefined)
      throw await unknownConnection(store, tenant.slug, name)
    const { log } = context
    const outbound = openOutbound(context.config())
    try {
      const parts = { store, outbound, log, address: context.config().egressName }
      const openHttp = patient(await openPoliteHttp(parts, tenant.id), patience(log))
      const fields = await connectionFields({ integrations, openHttp }, opened)
      const reading = {
        ...valuesToRead(integration, opened),
        ...{ openHttp, timeZone: opened.tenant.timeZone, cached: createCachedReads(systemClock)('') },
      }
      const outcomes: ReadOutcomes = async (mapped, all) =>
        (await integration.outcomes?.(reading, mapped, all)) ?? []
      const { settings, mapping } = opened.connection
      const own = mappingWith(integration, { settings, mapping: mapping?.written })
      const pinpoint = openPinpoint(openHttp, opened.tenant)
      return await work({ ...opened, store, integration, pinpoint, fields, outcomes, own })
    } finally {
      await outbound.close()
    }
  })
}

interface SettingsOfConnection extends Pick<MappedConnection, 'integration'> {
  readonly connection: Pick<DecryptedConnection['connection'], 'settings'>
}

/** Settings of the connection that decide these fields. `apply` refuses them beside a mapping of the same field. */
export function settingsDeciding(
  { connection, integration }: SettingsOfConnection,
  ids: readonly string[],
): readonly string[] {
  const names = ids.flatMap((id) => integration.mapping?.decidedBy?.[id] ?? [])
  return names.filter((name) => name in connection.settings)
}

/** The mapping together with the defaults that follow from the settings. */
export function mappingWith(
  integration: Integration,
  { settings, mapping: written = {} }: Pick<DecryptedConnection['connection'], 'settings'> & Written,
): ConnectionMapping {
  const settingsNow = integration.settings.safeParse(settings)
  const read = settingsNow.success
    ? readConnectionMapping(integration, { written }, settingsNow.data)
    : 'unreadable'
  if (read !== undefined && read !== 'unreadable') return read
  throw new NeedsPerson('cli.mapping_invalid', 'The connection’s mapping is not valid in this version.', {
    fix: 'Apply the file of the tenant again, which says what is wrong.',
  })
}

interface Written {
  readonly mapping?: ConnectionMappingWritten | undefined
}
type ConnectionMappingWritten = NonNullable<DecryptedConnection['connection']['mapping']>['written']
