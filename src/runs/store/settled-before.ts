/** Repeated settlements, after a lost answer: the first result is returned, and nothing is written a second time. */
import type { ConnectionId, RunId } from '../../base/ids.ts'
import type { Transaction } from '../../postgres/transaction.ts'
import type { Lease } from '../run.ts'

export interface PausedConnection {
  readonly connection: ConnectionId
  readonly tenant: string
  readonly integration: string
  readonly code: string
}

interface Before {
  readonly written: true
  /** The connection that it paused, if the connection is still paused. */
  readonly paused: PausedConnection | undefined
}

interface BeforeRow extends Omit<PausedConnection, 'code'> {
  readonly id: RunId
  readonly code: string | null
}

/** The settlements of those leases that were the last to settle their run, by run. */
export async function settledBefore(
  client: Transaction,
  leases: readonly Lease[],
): Promise<ReadonlyMap<RunId, Before>> {
  if (leases.length === 0) return new Map()
  const { rows } = await client.query<BeforeRow>(
    `select runs.id, connections.id as connection, connections.integration, tenants.slug as tenant,
       case when connections.paused_by = runs.id and runs.state = 'parked' then connections.paused_code end as code
     from unnest($1::text[], $2::text[]) as given (run_id, token)
     join runs on runs.id = given.run_id and runs.settled_by = given.token
     join connections on connections.id = runs.connection_id
     join tenants on tenants.id = connections.tenant_id`,
    [leases.map(({ run }) => run), leases.map(({ token }) => token)],
  )
  return new Map(
    rows.map(({ id, code, ...connection }) => [
      id,
      { written: true, paused: code === null ? undefined : { ...connection, code } },
    ]),
  )
}
