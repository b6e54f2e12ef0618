/** The figures of `status` in Postgres: one read-only statement for each, over all tenants. */
import type pg from 'pg'

import { liveProcesses } from '../../keys/store/processes.ts'
import { type Queryable, queryable } from '../../postgres/transaction.ts'
import { runStates } from '../../runs/run.ts'
import type { HireCounts, HireState, Status, StatusReader, TenantStatus } from '../status.ts'

export function createStatusReader(pool: pg.Pool): StatusReader {
  const client = queryable(pool)
  return {
    async status({ tenant, zone }): Promise<Status> {
      const { rows } = await client.query<TenantRow>(tenantsSql, [tenant ?? null])
      const hires = await hiresOf(client, tenant ?? null, zone)
      const { rows: others } = await client.query<{ count: number; at: Date }>(
        `select count(*)::int as count, now() as at from quarantine where tenant_id is null and subject is not null`,
      )
      return {
        at: (others[0]?.at ?? new Date()).toISOString(),
        tenants: rows.map((row) => ({
          ...toStatus(row),
          today: hires.get(row.id)?.today ?? {},
          sevenDays: hires.get(row.id)?.sevenDays ?? {},
        })),
        quarantinedForNobody: others[0]?.count ?? 0,
        untakenRuns: await untakenRuns(client),
      }
    },
  }
}

/** On AWS a worker starts within a minute. */
async function untakenRuns(client: Queryable): Promise<number> {
  const workers = (await liveProcesses(client)).filter(({ role }) => role !== 'intake')
  if (workers.length > 0) return 0
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int as count from runs
     where finished_at is null and state in ('queued', 'waiting') and coalesce(next_at, updated_at) < now() - interval '2 minutes'`,
  )
  return rows[0]?.count ?? 0
}

interface TenantRow {
  readonly id: string
  readonly tenant: string
  readonly time_zone: string | null
  readonly parked: number
  readonly oldest: NonNullable<TenantStatus['waiting']>['oldest'] | null
  readonly paused: TenantStatus['paused']
  readonly circuits: TenantStatus['openCircuits']
  readonly quarantined: number
  readonly deferred: number
  readonly last_webhook: Date | null
  readonly sweep: TenantStatus['lastSweep']
}

const iso = (at: string) => `to_char(${at} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/** Parked runs have the index of open runs; everything else is found at the end of an index. */
const tenantsSql = `
  select tenants.id, tenants.slug as tenant, tenants.time_zone, parked.count as parked, oldest.run as oldest,
    coalesce(paused.list, '[]') as paused, coalesce(circuits.list, '[]') as circuits, quarantined.count as quarantined,
    deferred.count as deferred, webhook.received_at as last_webhook, sweep.row as sweep
  from tenants
  cross join lateral (
    select count(*)::int as count from connections join runs on runs.connection_id = connections.id
    where connections.tenant_id = tenants.id and runs.finished_at is null and runs.state = 'parked'
  ) as parked
  left join lateral (
    select json_build_object('run', runs.id, 'integration', runs.integration, 'application', runs.subject,
      'reason', coalesce(runs.reason, ''), 'since', ${iso('runs.updated_at')}) as run
    from connections join runs on runs.connection_id = connections.id
    where connections.tenant_id = tenants.id and runs.finished_at is null and runs.state = 'parked'
    order by runs.updated_at, runs.id limit 1
  ) as oldest on true
  cross join lateral (
    select json_agg(json_build_object('integration', integration, 'reason', paused_reason, 'since', ${iso('paused_at')})
      order by integration) as list
    from connections where tenant_id = tenants.id and enabled and paused_at is not null
  ) as paused
  cross join lateral (
    select json_agg(json_build_object('integration', integration, 'reason', reason, 'since', ${iso('opened_at')},
      'nextProbeAt', ${iso('probe_at')}) order by integration) as list
    from connections join circuits on circuits.connection_id = connections.id where tenant_id = tenants.id and enabled
  ) as circuits
  cross join lateral (
    select count(*)::int as count from quarantine where tenant_id = tenants.id and subject is not null
  ) as quarantined
  cross join lateral (
    select count(*)::int as count from (select from deferred where tenant_id = tenants.id limit 10000) as counted
  ) as deferred
  left join lateral (
    select received_at from events where tenant_id = tenants.id and origin = 'webhook' order by received_at desc limit 1
  ) as webhook on true
  left join lateral (
    select json_build_object('at', ${iso('created_at')}, 'state', state, 'missing', missing, 'reason', reason) as row
    from sweeps where tenant_id = tenants.id order by created_at desc limit 1
  ) as sweep on true
  where $1::text is null or tenants.slug = $1
  order by tenants.slug`

function toStatus(row: TenantRow): Omit<TenantStatus, 'today' | 'sevenDays'> {
  return {
    tenant: row.tenant,
    timeZone: row.time_zone,
    waiting: row.oldest === null ? null : { runs: row.parked, oldest: row.oldest },
    paused: row.paused,
    openCircuits: row.circuits,
    quarantined: row.quarantined,
    deferred: row.deferred,
    lastWebhookAt: row.last_webhook?.toISOString() ?? null,
    lastSweep: row.sweep,
  }
}

interface HiresRow {
  readonly tenant_id: string
  readonly state: HireState
  readonly today: number
  readonly seven_days: number
}

/** In the order of attention: decides the state of a hire with several runs. */
const attention: readonly HireState[] = [
  'parked',
  'waiting',
  'none',
  'running',
  'queued',
  'refused',
  'cancelled',
  'done',
]

/**
 * An application counts once, on the day on which its newest event came, with the newest run of each connection. A replay of an older event
 * is no hire of today.
 */
const hiresSql = `
  with days as (
    select id, date_trunc('day', now() at time zone coalesce(time_zone, $2)) at time zone coalesce(time_zone, $2) as today
    from tenants where $1::text is null or slug = $1
  ), newest_runs as (
    select distinct on (events.id, runs.connection_id) events.id, events.tenant_id, events.subject, events.received_at,
      events.received_at >= days.today as today, array_position($3::text[], runs.state) as rank
    from days join events on events.tenant_id = days.id left join runs on runs.event_id = events.id
    where events.received_at >= days.today - interval '6 days' and events.name = 'application_hired' and events.subject is not null
    order by events.id, runs.connection_id, runs.generation desc
  ), per_event as (
    select tenant_id, subject, received_at, today, min(rank) as rank from newest_runs group by id, tenant_id, subject, received_at, today
  ), hires as (
    select distinct on (tenant_id, subject) tenant_id, today, rank from per_event order by tenant_id, subject, received_at desc
  )
  select tenant_id, coalesce(($3::text[])[rank], 'none') as state, count(*) filter (where today)::int as today, count(*)::int as seven_days
  from hires group by 1, 2`

async function hiresOf(client: Queryable, tenant: string | null, zone: string) {
  const { rows } = await client.query<HiresRow>(hiresSql, [tenant, zone, attention])
  const order: readonly HireState[] = ['done', ...runStates.filter((state) => state !== 'done'), 'none']
  const counts = (of: readonly HiresRow[], count: (row: HiresRow) => number): HireCounts =>
    Object.fromEntries(
      order.flatMap((state) => {
        const found = of.find((row) => row.state === state)
        return found === undefined || count(found) === 0 ? [] : [[state, count(found)]]
      }),
    )
  return new Map(
    [...Map.groupBy(rows, ({ tenant_id: id }) => id)].map(([id, of]) => [
      id,
      { today: counts(of, ({ today }) => today), sevenDays: counts(of, ({ seven_days: days }) => days) },
    ]),
  )
}
