/** When each tenant is swept, and how its sweeps went. */
import type pg from 'pg'

import { newSweepId, type TenantId } from '../../base/ids.ts'
import type { Sealer } from '../../base/seal.ts'
import { type Queryable, queryable } from '../../postgres/transaction.ts'
import type { SweepRequest, SweepSchedule, SweepView } from '../ports.ts'
import {
  claimedColumns,
  type ClaimedSweepRow,
  leaseTerm,
  newLease,
  type SweepRow,
  toClaimedSweep,
  toSweepView,
} from './sweep-rows.ts'

export function createSweepSchedule({
  pool,
  sealer,
}: {
  readonly pool: pg.Pool
  readonly sealer: Sealer
}): SweepSchedule {
  const client = queryable(pool)
  return {
    queueDue: (handling) => queueDue(client, handling),
    async begin(request, worker) {
      const { rows } = await client.query<ClaimedSweepRow>(beginSql, [
        newSweepId(),
        ...valuesOf(request),
        newLease(),
        worker,
      ])
      return rows.map((row) => toClaimedSweep(row, sealer))[0]
    },
    async goOn(tenant, worker) {
      const { rows } = await client.query<ClaimedSweepRow>(goOnSql, [tenant, newLease(), worker])
      return rows.map((row) => toClaimedSweep(row, sealer))[0]
    },
    freeFromDead: (isGone) => freeFromDead(client, isGone),
    show: (id) => showSweep(client, id),
    async latest(tenantSlug) {
      const { rows } = await client.query<SweepRow>(
        `${viewSql} where tenants.slug = $1 order by sweeps.created_at desc limit 1`,
        [tenantSlug],
      )
      return rows.map(toSweepView)[0]
    },
  }
}

interface DueRow {
  readonly id: TenantId
  readonly since: Date
}

/**
 * Due: the interval has passed since the last scheduled sweep, or since the tenant was created. It looks back as far as the schedule
 * says, and after an outage as far as the last sweep that succeeded, less an hour, since that one left out fresh hires.
 */
const dueSql = `
  select tenants.id,
    least(now() - make_interval(secs => tenants.sweep_look_back_seconds), done.created_at - interval '1 hour') as since
  from tenants
  left join lateral (
    select created_at from sweeps where tenant_id = tenants.id and cause = 'schedule'
    order by created_at desc limit 1
  ) as last on true
  left join lateral (
    select created_at from sweeps where tenant_id = tenants.id and cause = 'schedule' and state = 'done'
    order by created_at desc limit 1
  ) as done on true
  where tenants.sweep_every_seconds is not null
    and not exists (select from sweeps where tenant_id = tenants.id and state in ('queued', 'running', 'waiting'))
    and coalesce(last.created_at, tenants.created_at) + make_interval(secs => tenants.sweep_every_seconds) <= now()
    and exists (select from connections where tenant_id = tenants.id and enabled and integration = any ($1))`

async function queueDue(client: Queryable, handling: readonly string[]): Promise<void> {
  const { rows } = await client.query<DueRow>(dueSql, [handling])
  if (rows.length === 0) return
  // Another process may have queued it by now, or somebody sweeps by hand: then this sweep comes later.
  await client.query(
    `insert into sweeps (id, tenant_id, cause, since, any_age, undated, updated_after)
     select id, tenant_id, 'schedule', since, false, false, since
     from unnest($1::text[], $2::text[], $3::timestamptz[]) as due (id, tenant_id, since)
     on conflict do nothing`,
    [rows.map(() => newSweepId()), rows.map(({ id }) => id), rows.map(({ since }) => since)],
  )
}

/** Returns nothing while another sweep of this tenant is under way: the index allows one at a time. */
const beginSql = `
  with begun as (
    insert into sweeps (id, tenant_id, cause, state, since, any_age, undated, confirmed, updated_after, lease, worker, lease_until)
    values ($1, $2, 'person', 'running', $3, $4, $5, $6, $3, $7, $8, now() + ${leaseTerm})
    on conflict do nothing
    returning *
  )
  select ${claimedColumns} from begun as sweeps join tenants on tenants.id = sweeps.tenant_id`

/** The cursor is unchanged: earlier pages are covered, and the page that made the sweep ask is read again. */
const goOnSql = `
  with asking as (
    select id, state, code from sweeps where tenant_id = $1 order by created_at desc limit 1
  ), gone_on as (
    update sweeps set state = 'running', confirmed = true, code = null, reason = null, fix = null, finished_at = null, failures = 0,
      lease = $2, worker = $3, lease_until = now() + ${leaseTerm}
    from asking where sweeps.id = asking.id and asking.state = 'failed' and asking.code = 'sweep.too_many_missing'
    returning sweeps.*
  )
  select ${claimedColumns} from gone_on as sweeps join tenants on tenants.id = sweeps.tenant_id`

function valuesOf({ tenant, since, anyAge, undated, confirmed }: SweepRequest): readonly unknown[] {
  return [tenant.id, since, anyAge, undated, confirmed ?? false]
}

async function freeFromDead(client: Queryable, isGone: (worker: string) => boolean): Promise<number> {
  const { rows } = await client.query<{ worker: string }>(
    `select distinct worker from sweeps where state = 'running' and worker is not null`,
  )
  const gone = rows.map(({ worker }) => worker).filter((worker) => isGone(worker))
  if (gone.length === 0) return 0
  const { rowCount } = await client.query(
    `update sweeps set state = 'queued', lease = null, worker = null, lease_until = null, next_at = now()
     where state = 'running' and worker = any ($1)`,
    [gone],
  )
  return rowCount ?? 0
}

const viewSql = `select sweeps.*, tenants.slug from sweeps join tenants on tenants.id = sweeps.tenant_id`

export async function showSweep(client: Queryable, id: string): Promise<SweepView | undefined> {
  const { rows } = await client.query<SweepRow>(`${viewSql} where sweeps.id = $1`, [id])
  return rows.map(toSweepView)[0]
}
