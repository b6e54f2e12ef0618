/** Dispatches stored events: starts their runs with their jobs, and brings forward the rechecks of their applications. */
import type { ConnectionId, EventId, RunId, TenantId } from '../../base/ids.ts'
import { stalePark } from '../../intake/freshness.ts'
import type { Quotas } from '../../intake/ports.ts'
import type { Queryable } from '../../postgres/transaction.ts'
import { type Queue, wakeChannel } from '../../queue/store/queue.ts'
import type { SharedWakeUp } from '../../queue/wake-ups.ts'
import { startSql } from '../../runs/store/start.ts'
import { rechecksChannel, signalSql } from '../../runs/store/watches.ts'

const delayedReason = 'Delayed by the connection’s `delay`, in case the hire is revoked.'

/** The result of dispatching one event. */
export interface Dispatched {
  readonly tenant: TenantId
  /** How many runs; of a deferred event, how many it would start now. */
  readonly runs: number
  /** The event is dispatched later: the tenant is over its quota. */
  readonly deferred: boolean
  /** At least one run is due now. */
  readonly due: boolean
  /** At least one recheck is due now. */
  readonly rechecks: boolean
}

/** The channels to notify. */
export function channelsOf(dispatched: readonly Dispatched[]): readonly SharedWakeUp[] {
  return [
    ...(dispatched.some(({ due }) => due) ? [wakeChannel] : []),
    ...(dispatched.some(({ rechecks }) => rechecks) ? [rechecksChannel] : []),
  ]
}

/** A deferred event does not count. */
export function noteDispatched(quotas: Pick<Quotas, 'note'>, dispatched: Iterable<Dispatched>): void {
  for (const { tenant, runs, deferred } of dispatched) if (!deferred) quotas.note(tenant, runs)
}

/** Which events of the inbox. */
export interface InboxChoice {
  readonly most: number
  /** Unset: the oldest. */
  readonly events?: readonly EventId[]
}

/**
 * Dispatches events of the inbox in the caller's transaction, and returns the result of each. Unless the events are named, skips
 * those that another process is dispatching.
 */
export async function dispatchEvents(
  { client, queue }: { readonly client: Queryable; readonly queue: Pick<Queue, 'insert'> },
  { most, events }: InboxChoice,
): Promise<ReadonlyMap<EventId, Dispatched>> {
  const { rows } = await client.query<DispatchedRow>(dispatchSql(events === undefined ? 'free' : 'named'), [
    ...[stalePark.code, stalePark.reason, stalePark.fix, stalePark.resumesOn],
    most,
    ...(events === undefined ? [] : [events]),
  ])
  await queue.insert(client, rows.flatMap(toJob))
  return dispatchedOf(rows)
}

/** A row for each event, and one for each of its runs. */
interface DispatchedRow {
  readonly event_id: EventId
  readonly tenant_id: TenantId
  readonly run_id: RunId | null
  readonly connection_id: ConnectionId
  /** A parked run has no job. */
  readonly queued: boolean
  readonly next_at: Date | null
  readonly rechecks: boolean
  /** Null unless the event is deferred: how many runs it would start. */
  readonly deferred: number | null
}

const ifStale = (value: string) => `case when wanted.stale then ${value} end`

/**
 * A run for each enabled connection of the integrations that has none; parked if the event is stale. The events of a tenant that is over its quota are deferred,
 * unless they were just released; the lock keeps the mark until then. The rechecks see the table as it was before the
 * statement: the new runs are fresh anyway.
 */
function dispatchSql(which: 'free' | 'named'): string {
  const [named, wait] = which === 'free' ? ['', 'skip locked'] : ['and event_id = any ($6::text[])', '']
  return `with next as materialized (
      select event_id from inbox where next_at <= now() ${named} order by event_id limit $5 for update ${wait}
    ), arrived as (
      delete from inbox using next where inbox.event_id = next.event_id
      returning inbox.event_id, inbox.stale, inbox.dispatch_to, inbox.released
    ), found as (
      select events.id, events.tenant_id, events.subject, events.triggered_at, arrived.dispatch_to, arrived.stale, arrived.released
      from arrived join events on events.id = arrived.event_id
    ), signalled as (${signalSql('found')} returning 1),
    held as materialized (
      select tenant_id from over_quota where tenant_id in (select tenant_id from found) order by tenant_id for key share
    ), put_aside as (
      insert into deferred (tenant_id, event_id, stale, dispatch_to)
      select found.tenant_id, found.id, found.stale, array_agg(distinct name) from found, unnest(found.dispatch_to) as name
      where not found.released and found.tenant_id in (select tenant_id from held)
      group by found.tenant_id, found.id, found.stale
      on conflict (tenant_id, event_id, stale) do update
        set dispatch_to = array(select distinct unnest(deferred.dispatch_to || excluded.dispatch_to))
      returning event_id
    ), asked as (
      select * from found where released or tenant_id not in (select tenant_id from held)
    ), ${startSql('started', {
      of: `(
        select asked.id as event_id, asked.tenant_id, asked.subject, connections.id as connection_id, connections.integration,
          0 as generation, asked.stale, delayed.until
        from asked
        join connections on connections.tenant_id = asked.tenant_id and connections.enabled
          and connections.integration = any (asked.dispatch_to)
        -- The delay counts from the hire; a clock of Pinpoint that is ahead does not lengthen it.
        left join lateral (
          select nullif(greatest(now(), least(now(), coalesce(asked.triggered_at, now()))
            + make_interval(secs => connections.delay_seconds)), now()) as until
          where not asked.stale
        ) as delayed on true
      )`,
      to: { states: ['queued', 'parked'], sql: `case when wanted.stale then 'parked' else 'queued' end` },
      set: {
        next_at: 'wanted.until',
        code: ifStale('$1'),
        reason: `case when wanted.stale then $2 when wanted.until is not null then '${delayedReason}' end`,
        fix: ifStale('$3'),
        resumes_on: ifStale('$4'),
      },
      line: { code: 'code', reason: `case state when 'parked' then reason end` },
    })}
    select id as event_id, tenant_id, null as run_id, null as connection_id, false as queued, null as next_at, exists (select from signalled) as rechecks,
      case when id in (select event_id from put_aside) then (
        select count(*)::int from connections
        where connections.tenant_id = found.tenant_id and connections.enabled and connections.integration = any (found.dispatch_to)
      ) end as deferred
    from found
    union all select event_id, tenant_id, id, connection_id, state = 'queued', next_at, false, null from started`
}

function toJob({ run_id: run, connection_id: connection, queued, next_at: at }: DispatchedRow) {
  return run === null || !queued ? [] : [{ run, turn: 1, connection, ...(at !== null && { at }) }]
}

function dispatchedOf(rows: readonly DispatchedRow[]): ReadonlyMap<EventId, Dispatched> {
  return new Map(
    [...Map.groupBy(rows, ({ event_id }) => event_id)].flatMap(([event, of]) => {
      const [first] = of
      return first === undefined ? [] : [[event, resultOf(first.tenant_id, of)] as const]
    }),
  )
}

function resultOf(tenant: TenantId, rows: readonly DispatchedRow[]): Dispatched {
  const runs = rows.filter(({ run_id }) => run_id !== null)
  const later = rows.flatMap(({ deferred }) => deferred ?? [])
  return {
    tenant,
    runs: later.reduce((sum, runCount) => sum + runCount, runs.length),
    deferred: later.length > 0,
    due: runs.some(({ queued, next_at: at }) => queued && at === null),
    rechecks: rows.some(({ rechecks }) => rechecks),
  }
}
