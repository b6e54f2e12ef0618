/** Replays of many events in Postgres: one transaction starts or cancels all; each job waits in the queue for its time. */
import type pg from 'pg'

import { type ConnectionId, newReplayId, type ReplayId, type RunId } from '../../base/ids.ts'
import { inTransaction, queryable, type Transaction } from '../../postgres/transaction.ts'
import type { Queue } from '../../queue/store/queue.ts'
import { wake } from '../../runs/store/settle.ts'
import { replayCancelled, type ReplayDesk, type ReplayView } from '../bulk-replay.ts'
import type { ChosenState, EventChoice } from '../chosen-events.ts'
import { pairsSql } from './chosen-events.ts'

export function createReplayDesk(pool: pg.Pool, queue: Queue): ReplayDesk {
  const client = queryable(pool)
  return {
    start: (choice, perHour) => inTransaction(pool, (tx) => start(tx, queue, { choice, perHour })),
    cancel: (id) => inTransaction(pool, (tx) => cancel(tx, queue, id)),
    async show(id) {
      const { rows } = await client.query<ReplayRow>(viewSql, [id])
      return rows.map(toView)[0]
    },
  }
}

interface StartedRow {
  readonly id: RunId
  readonly turn: number
  readonly next_at: Date
  readonly connection_id: ConnectionId
}

/** The k-th starts k intervals from now. What is just being pruned is waited for, and then is not there. Parked runs keep their reason until they have started, should this be cancelled. */
const startSql = `
  with chosen as (
    select pairs.*, now() + make_interval(secs => (row_number() over (order by received_at, event_id, integration) - 1)
      * 3600.0 / $7) as start_at
    from (${pairsSql} and events.tenant_id = $3 and events.received_at >= $4 for key share of events) as pairs
    where state = any ($5)
  ), resumed as (
    update runs set state = 'queued', turn = runs.turn + 1, next_at = chosen.start_at, waiting_for = null, failures = 0,
      first_failed_at = null, takeovers = 0, replay_id = $6, updated_at = now(), resumed_at = now()
    from chosen where runs.id = chosen.run_id and runs.state = 'parked'
    returning runs.id, runs.turn, runs.attempt, runs.next_at, runs.connection_id
  ), started as (
    insert into runs (id, tenant_id, connection_id, event_id, integration, subject, generation, next_at, replay_id, resumed_at)
    select 'run_' || substr(chosen.event_id, 5) || '_' || chosen.integration
        || case when newest.generation is null then '' else '_' || newest.generation + 1 end,
      $3, chosen.connection_id, chosen.event_id, chosen.integration, chosen.subject,
      coalesce(newest.generation + 1, 0), chosen.start_at, $6, now()
    from chosen
    left join runs as newest on newest.id = chosen.run_id
    where chosen.state <> 'parked'
    on conflict do nothing
    returning id, turn, attempt, next_at, connection_id
  ), all_of_it as (
    select * from resumed union all select * from started
  ), told as (
    insert into run_history (run_id, attempt, state, reason) select id, attempt, 'queued', 'by replay ' || $6 from all_of_it
  )
  select id, turn, next_at, connection_id from all_of_it order by next_at`

async function start(
  client: Transaction,
  queue: Queue,
  { choice, perHour }: { readonly choice: EventChoice; readonly perHour: number },
): Promise<ReplayId | undefined> {
  const { tenant, since, states, integration, handling } = choice
  const id = newReplayId()
  await client.query(
    `insert into replays (id, tenant_id, since, states, integration, per_hour) values ($1, $2, $3, $4, $5, $6)`,
    [id, tenant, since, states, integration ?? null, perHour],
  )
  const { rows } = await client.query<StartedRow>(startSql, [
    handling,
    integration ?? null,
    tenant,
    since,
    states,
    id,
    perHour,
  ])
  if (rows.length === 0) {
    await client.query('delete from replays where id = $1', [id])
    return undefined
  }
  await client.query('update replays set total = $2 where id = $1', [id, rows.length])
  await queue.send(
    client,
    rows.map(({ id: run, turn, connection_id: connection, next_at: at }) => ({
      ...{ run, turn, connection, at },
      replay: true,
    })),
  )
  return id
}

/** Runs that were there before the replay were parked: cancelling it must not end them. */
const cancelSql = `
  with cancelled as (
    update replays set cancelled_at = coalesce(cancelled_at, now()) where id = $1 returning id, created_at
  ), ended as (
    update runs set state = 'cancelled', turn = turn + 1, lease = null, next_at = null, waiting_for = null,
      finished_at = now(), updated_at = now()
    from cancelled where runs.replay_id = cancelled.id and runs.created_at >= cancelled.created_at
      and runs.state in ('queued', 'running', 'waiting', 'parked')
    returning runs.id, runs.attempt, runs.state
  ), parked as (
    update runs set state = 'parked', turn = turn + 1, lease = null, next_at = null, waiting_for = null, updated_at = now(),
      code = coalesce(code, $2), lifted_by = coalesce(lifted_by, 'person'), reason = coalesce(reason, $3),
      fix = coalesce(fix, $4)
    from cancelled where runs.replay_id = cancelled.id and runs.created_at < cancelled.created_at
      and runs.state in ('queued', 'running', 'waiting')
    returning runs.id, runs.attempt, runs.state
  ), both_kinds as (
    select * from ended union all select * from parked
  ), told as (
    insert into run_history (run_id, attempt, state, reason) select id, attempt, state, 'its replay was cancelled' from both_kinds
  )
  select both_kinds.id, both_kinds.attempt, both_kinds.state from cancelled left join both_kinds on true`

async function cancel(client: Transaction, queue: Queue, id: string) {
  const { rows } = await client.query<{ id: RunId | null; attempt: number; state: string }>(cancelSql, [
    id,
    replayCancelled.code,
    replayCancelled.reason,
    replayCancelled.fix,
  ])
  if (rows.length === 0) return undefined
  // Only a run that has been tried can be one that another waits for.
  for (const { id: run, attempt } of rows) {
    if (run !== null && attempt > 0) await queue.send(client, await wake(client, [run]))
  }
  const count = (state: string) => rows.filter((row) => row.state === state).length
  return { cancelled: count('cancelled'), parkedAgain: count('parked') }
}

interface ReplayRow {
  readonly id: string
  readonly tenant: string
  readonly since: Date
  readonly states: readonly ChosenState[]
  readonly integration: string | null
  readonly per_hour: number
  readonly total: number
  readonly runs: ReplayView['runs'] | null
  readonly created_at: Date
  readonly cancelled_at: Date | null
}

const viewSql = `
  select replays.id, tenants.slug as tenant, replays.since, replays.states, replays.integration, replays.per_hour,
    replays.total, replays.created_at, replays.cancelled_at,
    (select json_object_agg(state, number) from
      (select state, count(*)::int as number from runs where replay_id = replays.id group by state) as counted) as runs
  from replays join tenants on tenants.id = replays.tenant_id where replays.id = $1`

function toView(row: ReplayRow): ReplayView {
  const { id, tenant, states, integration, total, created_at: createdAt } = row
  const last = createdAt.getTime() + ((total - 1) * 3_600_000) / row.per_hour
  return {
    ...{ id, tenant, states, integration, total },
    since: row.since.toISOString(),
    perHour: row.per_hour,
    runs: row.runs ?? {},
    createdAt: createdAt.toISOString(),
    lastStartAt: new Date(last).toISOString(),
    cancelledAt: row.cancelled_at?.toISOString() ?? null,
  }
}
