/** `connections list | enable | disable` */
import { counted } from '../base/duration.ts'
import type { Connection } from '../tenants/connection.ts'
import type { Command } from './command.ts'
import { connectionArguments, tenantArgument } from './connection-arguments.ts'
import { connectionData, stateOf } from './connection-view.ts'
import { mustFind, mustKnow } from './known-names.ts'
import { table } from './table.ts'
import { heldUp, throttlingData } from './throttling-lines.ts'
import { withStore, withStoreToRead } from './with-store.ts'

export const connectionsList: Command = {
  name: 'connections list',
  summary: 'List connections: enabled, disabled, paused, or held up by a limit or an open circuit',
  arguments: [{ ...tenantArgument, description: 'Only of this tenant', optional: true }],
  examples: ['connections list', 'connections list acme --json'],
  prints: 'data',
  database: 'reads',
  run: (context) =>
    withStoreToRead(context, async ({ connections, tenants, throttling: view }) => {
      const tenant = context.input.optionalArgument('TENANT')
      const all = await connections.list(tenant)
      if (tenant !== undefined && all.length === 0) await mustKnow(tenants, tenant)
      const throttlingOf = await view.of(all.map(({ id }) => id))
      const rows = all.map((one) => [
        one.tenant.slug,
        one.integration,
        stateOf(one, heldUp(throttlingOf(one.id))),
      ])
      const text = rows.length === 0 ? 'No connections.' : table(['TENANT', 'INTEGRATION', 'STATE'], rows)
      return {
        data: all.map((one) => ({ ...connectionData(one), ...throttlingData(throttlingOf(one.id)) })),
        text,
      }
    }),
}

export const connectionsEnable: Command = {
  name: 'connections enable',
  summary: 'Enable a connection, and end its pause',
  details: 'A connection pauses when its credentials are refused. Parked runs that waited for it resume.',
  arguments: connectionArguments,
  examples: ['connections enable acme hibob'],
  prints: 'data',
  database: 'changes',
  run: (context) =>
    withStore(context, async (store) => {
      const connection = await mustFind(
        store,
        context.input.argument('TENANT'),
        context.input.argument('INTEGRATION'),
      )
      const { changed, resumed } = await store.connections.setEnabled(connection.id, true)
      const what = changed ? `is enabled; ${counted(resumed, 'parked run')} resumed` : 'was enabled already'
      const text = `${nameOf(connection)} ${what}.`
      return {
        data: { id: connection.id, enabled: true, changed, resumed },
        text,
        changes: changed
          ? [{ tenant: connection.tenant.slug, did: { enabled: connection.integration, resumed } }]
          : [],
      }
    }),
}

export const connectionsDisable: Command = {
  name: 'connections disable',
  summary: 'Disable a connection: events start no runs of it, and runs that have not started are parked',
  arguments: connectionArguments,
  examples: ['connections disable acme hibob'],
  prints: 'data',
  database: 'changes',
  run: (context) =>
    withStore(context, async (store) => {
      const connection = await mustFind(
        store,
        context.input.argument('TENANT'),
        context.input.argument('INTEGRATION'),
      )
      const { changed } = await store.connections.setEnabled(connection.id, false)
      const text = `${nameOf(connection)} ${changed ? 'is disabled' : 'was disabled already'}.`
      return {
        data: { id: connection.id, enabled: false, changed },
        text,
        changes: changed
          ? [{ tenant: connection.tenant.slug, did: { disabled: connection.integration } }]
          : [],
      }
    }),
}

function nameOf({ tenant, integration }: Connection): string {
  return `The connection of ${tenant.slug} to ${integration}`
}
