/** Follow-ups in Postgres: one more run of an event, begun with the end of the one that it follows up. Rules: src/worker/follow-up.ts */
import type { ConnectionId, RunId } from '../../base/ids.ts'
import type { Queryable } from '../../postgres/transaction.ts'
import type { JobToSend } from '../../queue/store/queue.ts'
import type { FollowUp } from '../run.ts'

/** In the transaction that settles them. Where a newer run of the event is there already, that one looks. */
export async function beginFollowUps(
  client: Queryable,
  ended: readonly { readonly run: RunId; readonly followUp: FollowUp }[],
): Promise<readonly JobToSend[]> {
  if (ended.length === 0) return []
  const { rows } = await client.query<{
    id: RunId
    turn: number
    connection_id: ConnectionId
    next_at: Date
  }>(
    `with started as (
       insert into runs (id, tenant_id, connection_id, event_id, integration, subject, generation, next_at, reason, follow_up_since)
       select 'run_' || substr(runs.event_id, 5) || '_' || runs.integration || '_' || runs.generation + 1, runs.tenant_id,
         runs.connection_id, runs.event_id, runs.integration, runs.subject, runs.generation + 1,
         now() + make_interval(secs => given.seconds), given.reason, now()
       from unnest($1::text[], $2::float8[], $3::text[]) as given (run_id, seconds, reason)
       join runs on runs.id = given.run_id
       order by runs.id
       on conflict do nothing
       returning id, turn, connection_id, next_at, reason
     ), told as (
       insert into run_history (run_id, attempt, state, reason) select id, 0, 'queued', reason from started
     )
     select id, turn, connection_id, next_at from started`,
    [
      ended.map(({ run }) => run),
      ended.map(({ followUp }) => followUp.inSeconds),
      ended.map(({ followUp }) => followUp.reason),
    ],
  )
  return rows.map(({ id, turn, connection_id: connection, next_at: at }) => ({
    run: id,
    turn,
    connection,
    at,
  }))
}

/** A replay looks for all that a follow-up waits for, and at once. */
export async function supersedeFollowUps(
  client: Queryable,
  event: string,
  integrations: readonly string[],
): Promise<void> {
  await client.query(
    `with ended as (
       update runs set state = 'cancelled', turn = runs.turn + 1, next_at = null, finished_at = now(), updated_at = now()
       from connections where connections.id = runs.connection_id and connections.enabled and runs.event_id = $1
         and runs.integration = any ($2) and runs.follow_up_since is not null and runs.state in ('queued', 'waiting')
       returning runs.id, runs.attempt
     )
     insert into run_history (run_id, attempt, state, reason) select id, attempt, 'cancelled', $3 from ended`,
    [event, integrations, supersededReason],
  )
}

export const supersededReason = 'a replay looks instead'
