/** Pauses a connection whose credentials the destination has refused. */
import type { ConnectionId, RunId } from '../../base/ids.ts'
import type { Transaction } from '../../postgres/transaction.ts'
import type { Settlement } from '../run.ts'
import type { PausedConnection } from './settled-before.ts'

/** Undefined when it is paused already. */
export async function pauseConnection(
  client: Transaction,
  { connection, run }: { readonly connection: ConnectionId; readonly run: RunId },
  { code, reason, fix }: Settlement & { readonly state: 'parked' },
): Promise<PausedConnection | undefined> {
  const { rows } = await client.query<{ slug: string; integration: string }>(
    `update connections set paused_code = $2, paused_reason = $3, paused_fix = $4, paused_at = now(), paused_by = $5
     from tenants where connections.id = $1 and paused_at is null and tenants.id = connections.tenant_id
     returning tenants.slug, connections.integration`,
    [connection, code, reason, fix, run],
  )
  return rows.map(({ slug, integration }) => ({ connection, tenant: slug, integration, code }))[0]
}
