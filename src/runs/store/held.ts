/** What a worker records about the attempt that it holds, so that a takeover knows how it ended: `runs.held`. */
import type { Queryable } from '../../postgres/transaction.ts'
import type { Job } from '../../queue/ports.ts'
import type { Lease } from '../run.ts'

/** Names the delivery of a job: the lease of the claimed run. */
export function tokenOf({ id, delivery }: Job): string {
  return `${id}:${delivery}`
}

export async function markAlone(client: Queryable, { run, token }: Lease): Promise<boolean> {
  const { rowCount } = await client.query(
    `update runs set held = 'alone'
     where id = $1 and lease = $2 and state = 'running' and held is distinct from 'let_go'`,
    [run, token],
  )
  return rowCount === 1
}

export async function letGo(client: Queryable, jobs: readonly Job[]): Promise<void> {
  await client.query(
    `update runs set held = 'let_go' from unnest($1::text[], $2::text[]) as given (run_id, token)
     where runs.id = given.run_id and runs.lease = given.token and runs.state = 'running'`,
    [jobs.map(({ run }) => run), jobs.map(tokenOf)],
  )
}
