/** Prunes finished work in Postgres, in batches that lock the rows they judge, and skip rows that others have locked. */
import type pg from 'pg'

import type { EventId, RunId, TenantId } from '../../base/ids.ts'
import { inTransaction, type Queryable, queryable } from '../../postgres/transaction.ts'
import type { FinishedWork, PrunedBatch, PruneMark } from '../ports.ts'

/** Events per batch: about two thousand rows with their dependents, deleted in a fraction of a second. */
const batchSize = 200

export function createFinishedWork(pool: pg.Pool): FinishedWork {
  const client = queryable(pool)
  return {
    takeTurn: () => takeTurn(client),
    async giveBack() {
      await client.query(`update scheduled_jobs set done_at = done_at - interval '1 hour' where name = $1`, [
        jobName,
      ])
    },
    pruneBatch: (tenant, behind) => inTransaction(pool, (tx) => pruneBatch(tx, tenant, behind)),
  }
}

const jobName = 'prune finished work'

async function takeTurn(client: Queryable): Promise<readonly TenantId[] | undefined> {
  const taken = await client.query(
    `insert into scheduled_jobs as job (name, done_at) values ($1, now())
     on conflict (name) do update set done_at = now() where job.done_at <= now() - interval '1 hour'`,
    [jobName],
  )
  if (taken.rowCount === 0) return undefined
  const { rows } = await client.query<{ id: TenantId }>(
    'select id from tenants where keep_finished_seconds is not null order by id',
  )
  return rows.map(({ id }) => id)
}

/** Null, so that nothing is older, for a tenant whose work is now kept for ever. */
const retentionEnd = `(select now() - make_interval(secs => keep_finished_seconds) from tenants where id = $1)`

/** The oldest first. Events with unfinished work are skipped here, however many there are. */
const chooseSql = `
  select id, received_at::text as received_at from events
  where tenant_id = $1 and received_at < ${retentionEnd}
    and (received_at, id) > (coalesce($2::timestamptz, '-infinity'), $3)
    and not exists (
      select from runs where event_id = events.id and (finished_at is null or finished_at >= ${retentionEnd}))
    and not exists (select from deferred where tenant_id = $1 and event_id = events.id)
    and not exists (select from inbox where event_id = events.id)
  order by events.received_at, events.id limit ${batchSize} for update skip locked`

/** Deletes an event only if nothing of it is locked by others, unfinished, finished lately, or still rechecked. Its identity stays. */
const deleteSql = `
  with gone as (
    delete from events where id = any ($2) and not exists (
      select from runs where event_id = events.id and (runs.id <> all ($3) or finished_at is null
        or finished_at >= ${retentionEnd} or exists (select from rechecks where run_id = runs.id)))
    returning id, tenant_id, subject, identity
  ), known as (
    insert into tombstones (tenant_id, identity) select tenant_id, identity from gone on conflict do nothing
  ), forgotten as (
    delete from hires using gone where hires.tenant_id = gone.tenant_id and hires.application = gone.subject
      and not exists (select from events where events.tenant_id = gone.tenant_id and events.subject = gone.subject
        and events.id not in (select id from gone))
  )
  select id from gone`

/**
 * While an event's row is locked, no other run of it starts; while a run's row is locked, it is neither parked again nor rechecked.
 * So the last statement deletes exactly what it sees. It waits for no lock: two processes at once take different events.
 */
async function pruneBatch(
  client: Queryable,
  tenant: TenantId,
  behind: PruneMark | undefined,
): Promise<PrunedBatch> {
  const { rows: chosen } = await client.query<{ id: EventId; received_at: string }>(chooseSql, [
    tenant,
    behind?.receivedAt ?? null,
    behind?.event ?? '',
  ])
  const events = chosen.map(({ id }) => id)
  const { rows: runs } = await client.query<{ id: RunId; event_id: EventId }>(
    'select id, event_id from runs where event_id = any ($1) order by id for update skip locked',
    [events],
  )
  const { rows } = await client.query<{ id: EventId }>(deleteSql, [tenant, events, runs.map(({ id }) => id)])
  const deleted = new Set(rows.map(({ id }) => id))
  const last = chosen.length < batchSize ? undefined : chosen.at(-1)
  return {
    events: deleted.size,
    runs: runs.filter(({ event_id: event }) => deleted.has(event)).length,
    next: last && { receivedAt: last.received_at, event: last.id },
  }
}
