/** What operators do with runs, as guarded updates: each moves a run on only from the states it names. */
import type pg from 'pg'

import type { ConnectionId, RunId } from '../../base/ids.ts'
import { inTransaction, queryable, type Transaction } from '../../postgres/transaction.ts'
import type { Queue } from '../../queue/store/queue.ts'
import type { RunState } from '../../runs/run.ts'
import { supersedeFollowUps } from '../../runs/store/follow-ups.ts'
import { requeue } from '../../runs/store/resume.ts'
import { wake } from '../../runs/store/settle.ts'
import type { RunDesk } from '../operate.ts'
import { listEvents, listRuns, showEvent, showRun } from './run-views.ts'

export function createRunDesk(pool: pg.Pool, queue: Queue): RunDesk {
  const client = queryable(pool)
  return {
    listRuns: (filter) => listRuns(client, filter),
    showRun: (id) => showRun(client, id),
    listEvents: (filter) => listEvents(client, filter),
    showEvent: (id) => showEvent(client, id),
    queueAgain: (id, from, resumption) =>
      inTransaction(pool, async (tx) => {
        // Of queued runs only those that wait for the delay of their connection: the others are on their way.
        const where = `id = $4 and state = any ($3) and (state <> 'queued' or next_at is not null)`
        const runs = await requeue(tx, { where, values: [from, id], resumption })
        await queue.send(tx, runs)
        return runs.length === 1
      }),
    cancel: (id, from) => inTransaction(pool, (tx) => cancel(tx, queue, { id, from })),
    replay: (event, integrations) => inTransaction(pool, (tx) => replay(tx, queue, { event, integrations })),
  }
}

async function cancel(
  client: Transaction,
  queue: Queue,
  { id, from }: { readonly id: string; readonly from: readonly RunState[] },
): Promise<boolean> {
  // Without its lease the worker that is on it records nothing more; a call that is under way still lands.
  const { rows } = await client.query<{ id: RunId }>(
    `with ended as (
       update runs set state = 'cancelled', turn = turn + 1, lease = null, next_at = null, waiting_for = null,
         finished_at = now(), updated_at = now()
       where id = $2 and state = any ($1) returning id, attempt
     ), told as (
       insert into run_history (run_id, attempt, state, reason) select id, attempt, 'cancelled', 'cancelled' from ended
     )
     select id from ended`,
    [from, id],
  )
  const [row] = rows
  if (row === undefined) return false
  await queue.send(client, await wake(client, [row.id]))
  return true
}

async function replay(
  client: Transaction,
  queue: Queue,
  { event, integrations }: { readonly event: string; readonly integrations: readonly string[] },
): Promise<readonly string[]> {
  // One that is just being pruned is waited for, and then is not there.
  await client.query('select from events where id = $1 for key share', [event])
  await supersedeFollowUps(client, event, integrations)
  const { rows } = await client.query<{ id: RunId; connection_id: ConnectionId }>(
    `with latest as (
       select connections.id as connection_id, connections.integration, coalesce(max(runs.generation) + 1, 0) as generation
       from events
       join connections on connections.tenant_id = events.tenant_id and connections.enabled
       left join runs on runs.event_id = events.id and runs.connection_id = connections.id
       where events.id = $1 and connections.integration = any ($2)
       group by connections.id
       having count(*) filter (where runs.state in ('queued', 'running', 'waiting', 'parked')) = 0
     ), started as (
       insert into runs (id, tenant_id, connection_id, event_id, integration, subject, generation, resumed_at)
       select 'run_' || substr(events.id, 5) || '_' || latest.integration
           || case when latest.generation = 0 then '' else '_' || latest.generation end,
         events.tenant_id, latest.connection_id, events.id, latest.integration, events.subject, latest.generation, now()
       from latest join events on events.id = $1
       on conflict do nothing
       returning id, connection_id
     ), told as (
       insert into run_history (run_id, attempt, state, reason) select id, 0, 'queued', 'replayed' from started
     )
     select id, connection_id from started`,
    [event, integrations],
  )
  await queue.send(
    client,
    rows.map(({ id, connection_id: connection }) => ({
      run: id,
      turn: 1,
      connection,
      replay: true,
    })),
  )
  return rows.map(({ id }) => id)
}
