/** What `connections check` looks at: stored connections, or those of a file that is not applied yet. */
import { recordMadeBy } from '../app/operator.ts'
import type { Store } from '../app/store.ts'
import type { StoreToRead } from '../app/store-to-read.ts'
import { NeedsPerson } from '../base/failure.ts'
import type { ConnectionId } from '../base/ids.ts'
import type { JsonObject } from '../base/json.ts'
import { integrations } from '../integrations/registry.ts'
import type { CheckableConnection } from '../tenants/check-connection.ts'
import { readDeclaration } from '../tenants/declaration.ts'
import type { CommandContext, Input } from './command.ts'
import { mustKnow, unknownConnection } from './known-names.ts'
import { mappingAlone, withFields } from './mapping-in-file.ts'
import { readText } from './read-text.ts'
import { withStoreToRead } from './with-store.ts'
import { WrongUsage } from './wrong-usage.ts'

export interface Wanted {
  readonly tenant: string
  readonly integration: string
  readonly open: () => Promise<Opened>
}

export interface Opened {
  readonly checked: CheckableConnection
  /** The connection, when it is enabled and paused. */
  readonly paused: ConnectionId | undefined
  /** A record that it has made, if any. */
  readonly madeRecord: () => Promise<string | undefined>
}

export async function storedConnections(input: Input, store: Store): Promise<readonly Wanted[]> {
  const tenant = input.optionalArgument('TENANT')
  const only = input.optionalArgument('INTEGRATION')
  const known = (await store.connections.list(tenant)).filter(
    ({ enabled }) => enabled || tenant !== undefined,
  )
  const wanted = known.filter(({ integration }) => only === undefined || integration === only)
  if (wanted.length > 0) return wanted.map((one) => stored(store, one.tenant.slug, one.integration))
  if (tenant === undefined) {
    throw new NeedsPerson('cli.no_connections', 'No connection is enabled, so there is nothing to check.', {
      fix: 'Add one to a file and apply it, or enable one: connections enable TENANT INTEGRATION',
    })
  }
  if (only !== undefined) throw await unknownConnection(store, tenant, only)
  await mustKnow(store.tenants, tenant)
  throw new NeedsPerson(
    'cli.no_connections',
    `Tenant ${tenant} has no connections, so there is nothing to check.`,
    { fix: 'Add one to its file and apply it.' },
  )
}

function stored(store: Store, tenant: string, integration: string): Wanted {
  return {
    ...{ tenant, integration },
    async open() {
      const opened = await store.connections.open(tenant, integration)
      if (opened === undefined) throw await unknownConnection(store, tenant, integration)
      const { id, enabled, paused } = opened.connection
      return {
        checked: opened,
        paused: enabled && paused !== undefined ? id : undefined,
        madeRecord: () => recordMadeBy(store, id),
      }
    },
  }
}

/** With the settings, secrets and addresses of the file. Of a mapping by itself, as if it stood in the stored connection. */
export async function declaredConnections(context: CommandContext, path: string): Promise<readonly Wanted[]> {
  const { input, environment } = context
  const text = await readText(path)
  const alone = mappingAlone(text)
  if (alone !== undefined) return withMappingAlone(context, alone)
  const [tenant, only] = [input.optionalArgument('TENANT'), input.optionalArgument('INTEGRATION')]
  const wanted = readDeclaration(text, { integrations, variables: environment }).tenants.flatMap((declared) =>
    declared.connections
      .filter((one) => one.enabled || tenant !== undefined)
      .map((one): Wanted => {
        const { apiUrl, apiKey } = declared.pinpoint
        const { integration, settings, mapping, writeBack, secrets } = one
        const connection = {
          ...{ integration, writeBack, settings: settings as JsonObject },
          mapping: mapping && { written: mapping as JsonObject },
        }
        const checked = { connection, secrets, tenant: { apiUrl, apiKey, timeZone: declared.timeZone } }
        return { tenant: declared.slug, integration, open: async () => unmade(checked) }
      }),
  )
  const chosen = wanted.filter(
    (one) =>
      (tenant === undefined || one.tenant === tenant) && (only === undefined || one.integration === only),
  )
  if (chosen.length > 0) return chosen
  const which = [tenant, only].filter((name) => name !== undefined).join(' ')
  throw new NeedsPerson(
    'cli.not_in_file',
    which === '' ? 'The file has no enabled connection.' : `The file has no connection of ${which}.`,
    { fix: 'Name the file that declares it, or another tenant or integration.' },
  )
}

function unmade(checked: CheckableConnection): Opened {
  return { checked, paused: undefined, madeRecord: async () => undefined }
}

async function withMappingAlone(context: CommandContext, fields: JsonObject): Promise<readonly Wanted[]> {
  const [tenant, name] = ['TENANT', 'INTEGRATION'].map((one) => context.input.optionalArgument(one))
  if (tenant === undefined || name === undefined) {
    throw new WrongUsage(
      'cli.no_connection',
      'The file has a mapping alone, so it is not clear of which connection.',
      {
        fix: 'Name TENANT and INTEGRATION.',
      },
    )
  }
  return withStoreToRead(context, async (store: StoreToRead) => {
    const opened = await store.connections.open(tenant, name)
    const integration = integrations.find((one) => one.name === name)
    if (opened === undefined || integration === undefined) throw await unknownConnection(store, tenant, name)
    const { settings, mapping } = withFields(integration, opened.connection, fields)
    const connection = { ...opened.connection, settings, mapping: { written: mapping } }
    return [{ tenant, integration: name, open: async () => unmade({ ...opened, connection }) }]
  })
}
