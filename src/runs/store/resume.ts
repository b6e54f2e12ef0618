/** Runs that go on since something has changed, in the transaction of the change: no cut between the two can strand them. */
import type { ConnectionId, RunId } from '../../base/ids.ts'
import { wakeFailing } from '../../limits/store/circuits.ts'
import { resumedText, type Resumption } from '../../operator/operate.ts'
import type { Transaction } from '../../postgres/transaction.ts'
import type { JobToSend, Queue } from '../../queue/store/queue.ts'

/**
 * Clears what the last try left behind: the retry budget starts anew, since something has changed. `where` names its values from
 * $3 on. What was decided before counts on, unless it is decided anew: of what stood in the ledger when the run parked.
 */
export async function requeue(
  client: Transaction,
  given: {
    readonly where: string
    readonly values: readonly unknown[]
    readonly resumption?: Resumption | undefined
  },
): Promise<readonly JobToSend[]> {
  const { where, values, resumption } = given
  const { rows } = await client.query<{ id: RunId; turn: number; connection_id: ConnectionId }>(
    `with again as (
       update runs set state = 'queued', turn = turn + 1, code = null, reason = null, fix = null, lifted_by = null,
         next_at = null, waiting_for = null, failures = 0, first_failed_at = null, takeovers = 0,
         decision = coalesce($1::jsonb || jsonb_build_object('at', now()), decision),
         decision_before = case when $1::jsonb is null then decision_before else runs.updated_at end,
         updated_at = now(), resumed_at = now()
       where ${where} returning id, turn, attempt, connection_id
     ), told as (
       insert into run_history (run_id, attempt, state, reason) select id, attempt, 'queued', $2 from again
     )
     select id, turn, connection_id from again`,
    [decisionColumn(resumption), resumedText(resumption), ...values],
  )
  return rows.map(({ id, turn, connection_id: connection }) => ({ run: id, turn, connection }))
}

function decisionColumn({ decision, by, reason }: Resumption = {}): string | null {
  return decision === undefined ? null : JSON.stringify({ ...decision, by, reason })
}

/** Queues the parked runs that a change of these connections lets go on, and closes their circuits. Answers how many. */
export async function resumeRunsOf(
  client: Transaction,
  queue: Queue,
  connections: readonly ConnectionId[],
): Promise<number> {
  const where = `finished_at is null and state = 'parked' and lifted_by = 'connection' and connection_id = any ($3)`
  const runs = await requeue(client, { where, values: [connections] })
  await queue.send(client, runs)
  // What kept failing may answer now that something has changed.
  const { rowCount } = await client.query('delete from circuits where connection_id = any ($1)', [
    connections,
  ])
  const woken = rowCount === 0 ? 0 : await wakeFailing(client, queue, connections)
  return runs.length + woken
}
