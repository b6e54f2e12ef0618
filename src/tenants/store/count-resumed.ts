/** How many runs resume after a change of these connections. Workers find the runs by the revision; this is for the report only. */
import type { ConnectionId } from '../../base/ids.ts'
import type { Queryable } from '../../postgres/transaction.ts'

export async function countResumed(client: Queryable, connections: readonly ConnectionId[]): Promise<number> {
  const { rows } = await client.query<{ parked: number }>(
    `select count(*)::int as parked from runs
     where finished_at is null and state = 'parked' and resumes_on = 'connection' and connection_id = any ($1)`,
    [connections],
  )
  return rows[0]?.parked ?? 0
}
