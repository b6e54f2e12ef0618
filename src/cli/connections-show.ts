/** `connections show` */
import type { Command } from './command.ts'
import { connectionArguments } from './connection-arguments.ts'
import { connectionData, stateOf } from './connection-view.ts'
import { mustFind } from './known-names.ts'
import { throttlingData, throttlingLines } from './throttling-lines.ts'
import { withStoreToRead } from './with-store.ts'

export const connectionsShow: Command = {
  name: 'connections show',
  summary: 'Show a connection, the limits of its destination, and whether its circuit is open',
  arguments: connectionArguments,
  examples: ['connections show acme hibob', 'connections show acme hibob --json'],
  prints: 'data',
  database: 'reads',
  run: (context) =>
    withStoreToRead(context, async (store) => {
      const { input } = context
      const connection = await mustFind(store, input.argument('TENANT'), input.argument('INTEGRATION'))
      const throttling = (await store.throttling.of([connection.id]))(connection.id)
      return {
        data: { ...connectionData(connection), ...throttlingData(throttling) },
        text: [
          `${connection.integration} of ${connection.tenant.slug}: ${stateOf(connection)}`,
          ...throttlingLines(throttling),
        ].join('\n'),
      }
    }),
}
