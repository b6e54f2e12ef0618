/** Hires of Pinpoint that no event covers, or none whose run has seen them, for each connection that should handle them. */
import type { ConnectionId, EventId, TenantId } from '../../base/ids.ts'
import { lookedUp } from '../../postgres/looked-up.ts'
import type { Queryable } from '../../postgres/transaction.ts'
import type { EndedEarly } from '../../runs/store/restart-ended.ts'
import type { FoundHire, Handling, JudgedHire, SweepRequest } from '../ports.ts'

export interface Uncovered extends FoundHire {
  /** The event that covers this hire for other connections. */
  readonly told: { readonly id: EventId; readonly identity: Buffer } | undefined
  /** Events whose run has ended too early. */
  readonly ended: readonly EndedEarly[]
}

interface UncoveredRow {
  readonly subject: string
  readonly connection_id: ConnectionId
  readonly integration: string
  readonly before_enabled: boolean
  readonly event_id: EventId | null
  readonly identity: Buffer | null
  readonly ended_event: EventId | null
  readonly restarts: number
}

/** A run that ended with one of these has seen no hire: the application was not there, or not in a hired stage. */
const endedEarly = ['pinpoint.application_gone', 'pinpoint.not_hired']
/** How often sweeps restart an event for one connection. */
const mostRestarts = 3

/**
 * An event covers a hire that was not later than the event's arrival: its runs read the application afterwards, so they
 * saw this hire, whenever the event itself was triggered. Five minutes allow for clocks that differ. If the time of the
 * hire is unknown, any event about the application covers it. A run covers the hire in every state, unless it ended before it saw the hire.
 */
const uncoveredSql = `
  with hires as (
    select * from unnest($2::text[], $3::timestamptz[], $4::timestamptz[]) as given (subject, hired_at, moment)
  ), covering as (
    select hires.subject, about.* from hires cross join lateral (
      select events.id, events.identity, events.asked, events.received_at from events
      where events.tenant_id = $1 and events.subject = hires.subject and events.name = 'application_hired'
        and (hires.hired_at is null or events.received_at >= hires.hired_at - interval '5 minutes')
      ${lookedUp}
    ) as about
  )
  select hires.subject, connections.id as connection_id, connections.integration,
    not $6 and hires.moment < connections.enabled_since as before_enabled, told.id as event_id, told.identity,
    known.event_id as ended_event, coalesce(known.restarts, 0) as restarts
  from hires
  join connections on connections.tenant_id = $1 and connections.enabled and connections.integration = any ($5)
  left join lateral (
    select id, identity from covering where subject = hires.subject order by received_at desc limit 1
  ) as told on true
  left join lateral (
    select covering.id as event_id, coalesce(newest.ended_early, false) as ended_early, newest.restarts
    from covering
    left join lateral (
      select state = 'refused' and code = any ($7) as ended_early, (select count(*)::int from runs as earlier
        where earlier.event_id = runs.event_id and earlier.connection_id = runs.connection_id and earlier.by_sweep) as restarts
      from runs where event_id = covering.id and connection_id = connections.id
      order by generation desc limit 1
    ) as newest on true
    where covering.subject = hires.subject and covering.asked && array['*', connections.integration]
    order by coalesce(newest.ended_early, false), covering.received_at desc limit 1
  ) as known on true
  where known.event_id is null or known.ended_early
  order by hires.subject, connections.integration`

export async function uncoveredHires(
  client: Queryable,
  { tenant, anyAge }: Pick<SweepRequest, 'anyAge'> & { readonly tenant: { readonly id: TenantId } },
  { hires, handling }: { readonly hires: readonly JudgedHire[]; readonly handling: Handling },
): Promise<readonly Uncovered[]> {
  if (hires.length === 0) return []
  const { rows } = await client.query<UncoveredRow>(uncoveredSql, [
    tenant.id,
    hires.map(({ id }) => id),
    hires.map(({ hiredAt }) => hiredAt ?? null),
    hires.map(({ hiredAt, updatedAt }) => hiredAt ?? updatedAt),
    handling,
    anyAge,
    endedEarly,
  ])
  const bySubject = Map.groupBy(rows, ({ subject }) => subject)
  return hires.flatMap((hire) => {
    const own = bySubject.get(hire.id)
    return own === undefined ? [] : toUncovered(hire, own)
  })
}

function toUncovered(hire: JudgedHire, rows: readonly UncoveredRow[]): readonly Uncovered[] {
  const untold = rows.filter(({ ended_event }) => ended_event === null)
  const ended = rows.filter(
    (row) => row.ended_event !== null && !row.before_enabled && hire.verdict === 'missing',
  )
  const again = ended.filter(({ restarts }) => restarts < mostRestarts)
  const found = (verdict: 'restarted' | 'exhausted', of: readonly UncoveredRow[]): readonly Uncovered[] =>
    of.length === 0
      ? []
      : [{ hire, verdict, integrations: namesOf(of), told: undefined, ended: of.flatMap(toEnded) }]
  return [
    ...(untold.length === 0 ? [] : [toUntold(hire, untold)]),
    ...found('restarted', again),
    ...found(
      'exhausted',
      ended.filter((row) => !again.includes(row)),
    ),
  ]
}

function toUntold(hire: JudgedHire, rows: readonly UncoveredRow[]): Uncovered {
  const wanted = rows.filter((row) => !row.before_enabled)
  const verdict = wanted.length === 0 && hire.verdict === 'missing' ? 'older' : hire.verdict
  const told = rows.flatMap(({ event_id: id, identity }) =>
    id === null || identity === null ? [] : [{ id, identity }],
  )[0]
  return { hire, verdict, integrations: namesOf(wanted), told, ended: [] }
}

const namesOf = (rows: readonly UncoveredRow[]) => rows.map(({ integration }) => integration)

function toEnded({ ended_event: event, connection_id: connection }: UncoveredRow): readonly EndedEarly[] {
  return event === null ? [] : [{ event, connection }]
}
