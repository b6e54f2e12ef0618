/** Hires of Pinpoint that no event of ours covers, for each connection that should have heard of them. */
import type { EventId, TenantId } from '../base/ids.ts'
import type { FoundHire, Handling, JudgedHire, SweepRequest } from '../runs/sweep-ports.ts'
import { lookedUp } from './looked-up.ts'
import type { Queryable } from './transaction.ts'

export interface Uncovered extends FoundHire {
  /** The event that has told other connections of this very hire. */
  readonly told: { readonly id: EventId; readonly identity: Buffer } | undefined
}

interface UncoveredRow {
  readonly subject: string
  readonly integration: string
  readonly before_enabled: boolean
  readonly event_id: EventId | null
  readonly identity: Buffer | null
}

/**
 * An event covers a hire that was not later than the event reached us: its runs read the application afresh, so they
 * saw this hire, whenever the event itself was triggered. Five minutes for clocks that differ. Without a moment of the
 * hire, any event about the application covers it.
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
  select hires.subject, connections.integration, not $6 and hires.moment < connections.enabled_since as before_enabled,
    told.id as event_id, told.identity
  from hires
  join connections on connections.tenant_id = $1 and connections.enabled and connections.integration = any ($5)
  left join lateral (
    select id, identity from covering where subject = hires.subject order by received_at desc limit 1
  ) as told on true
  where not exists (
    select from covering where subject = hires.subject and asked && array['*', connections.integration]
  )
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
  ])
  const bySubject = Map.groupBy(rows, ({ subject }) => subject)
  return hires.flatMap((hire) => {
    const own = bySubject.get(hire.id)
    return own === undefined ? [] : [toUncovered(hire, own)]
  })
}

function toUncovered(hire: JudgedHire, rows: readonly UncoveredRow[]): Uncovered {
  const wanted = rows.filter((row) => !row.before_enabled)
  const verdict = wanted.length === 0 && hire.verdict === 'missing' ? 'older' : hire.verdict
  const told = rows.flatMap(({ event_id: id, identity }) =>
    id === null || identity === null ? [] : [{ id, identity }],
  )[0]
  return { hire, verdict, integrations: wanted.map(({ integration }) => integration), told }
}
