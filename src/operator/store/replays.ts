/** Replays of many events in Postgres: one transaction starts or cancels all; each job waits in the queue for its time. */
import type pg from 'pg'

import { newReplayId, type ReplayId, type RunId } from '../../base/ids.ts'
import { inTransaction, queryable, type Transaction } from '../../postgres/transaction.ts'
import type { Queue } from '../../queue/store/queue.ts'
import { activeStates, unfinishedStates } from '../../runs/run.ts'
import { startSql } from '../../runs/store/start.ts'
import { freshBudget, type MovedRow, toMoved, transitionSql } from '../../runs/store/transition.ts'
import { wake } from '../../runs/store/wake.ts'
import { type ReplayAdmin, replayCancelled, type ReplayReader, type ReplayView } from '../bulk-replay.ts'
import type { ChosenState, EventChoice } from '../chosen-events.ts'
import { pairsSql } from './chosen-events.ts'

export function createReplayAdmin(pool: pg.Pool, queue: Queue): ReplayAdmin {
  return {
    ...createReplayReader(pool),
    start: (choice, perHour) => inTransaction(pool, (tx) => start(tx, queue, { choice, perHour })),
    cancel: (id) => inTransaction(pool, (tx) => cancel(tx, queue, id)),
  }
}

export function createReplayReader(pool: pg.Pool): ReplayReader {
  const client = queryable(pool)
  return {
    async show(id) {
      const { rows } = await client.query<ReplayRow>(viewSql, [id])
      return rows.map(toView)[0]
    },
  }
}

/** The k-th run starts k intervals from now. The lock waits for an event that is being pruned, which is then gone. */
const chosenSql = `
  chosen as materialized (
    select pairs.*, now() + make_interval(secs => (row_number() over (order by received_at, event_id, integration) - 1)
      * 3600.0 / $7) as start_at
    from (${pairsSql} and events.tenant_id = $3 and events.received_at >= $4 for key share of events) as pairs
    where state = any ($5)
  )`

const line = { reason: `'by replay ' || $6` }

/**
 * Parked runs keep their reason until they have started, should this be cancelled. Each has a time, the first one as well: no worker is
 * woken for a replay, which can wait for the next poll.
 */
const startAllSql = `
  with ${chosenSql}, ${transitionSql('resumed', {
    from: ['parked'],
    to: 'queued',
    using: 'chosen',
    where: 'runs.id = chosen.run_id',
    set: { ...freshBudget, next_at: 'chosen.start_at', replay_id: '$6' },
    line,
  })}, ${startSql('started', {
    of: `(
      select chosen.event_id, $3::text as tenant_id, chosen.subject, chosen.connection_id, chosen.integration,
        coalesce(newest.generation + 1, 0) as generation, chosen.start_at
      from chosen left join runs as newest on newest.id = chosen.run_id
      where chosen.state <> 'parked'
    )`,
    set: { next_at: 'wanted.start_at', replay_id: '$6', resumed_at: 'now()' },
    line,
  })}, all_of_it as (
    select * from resumed union all select * from started
  )
  select id, turn, attempt, connection_id, next_at as at from all_of_it order by next_at, id`

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
  const { rows } = await client.query<MovedRow>(startAllSql, [
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
    rows.map((row) => ({ ...toMoved(row), replay: true })),
  )
  return id
}

const cancelledLine = { reason: `'its replay was cancelled'` }

/** Runs that are older than the replay were parked before it: cancelling the replay must not end them. */
const cancelSql = `
  with cancelled as (
    update replays set cancelled_at = coalesce(cancelled_at, now()) where id = $1 returning id, created_at
  ), ${transitionSql('ended', {
    from: unfinishedStates,
    to: 'cancelled',
    using: 'cancelled',
    where: 'runs.replay_id = cancelled.id and runs.created_at >= cancelled.created_at',
    line: cancelledLine,
  })}, ${transitionSql('parked', {
    from: activeStates,
    to: 'parked',
    using: 'cancelled',
    where: 'runs.replay_id = cancelled.id and runs.created_at < cancelled.created_at',
    set: {
      code: 'coalesce(code, $2)',
      resumes_on: `coalesce(resumes_on, 'person')`,
      reason: 'coalesce(reason, $3)',
      fix: 'coalesce(fix, $4)',
    },
    line: cancelledLine,
  })}, both_kinds as (
    select * from ended union all select * from parked
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
  // Another run can only wait for a run that has had an attempt.
  const tried = rows.flatMap(({ id: run, attempt }) => (run !== null && attempt > 0 ? [run] : []))
  for (const run of tried) await queue.send(client, await wake(client, [run]))
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
