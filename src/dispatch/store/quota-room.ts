/** How much of a tenant may still be dispatched. */
import type { TenantId } from '../../base/ids.ts'
import type { QuotaLimits } from '../../intake/ports.ts'
import type { Queryable } from '../../postgres/transaction.ts'

export interface Room {
  /** More events that may be dispatched within a day of now. */
  readonly events: number
  /** When the next event may be dispatched; null while at least one may be now. */
  readonly until: Date | null
  readonly runs: number
  /** The most runs that one event starts. */
  readonly connections: number
}

interface RoomRow {
  readonly events: number
  readonly until: Date | null
  readonly runs: number
  readonly connections: number
}

/**
 * Counts the events dispatched by webhooks and sweeps within a day, and unfinished runs except those of replays, which have a pace of
 * their own. Reads indexes by tenant, and no further than to the limits.
 */
const roomSql = `
  with dispatched as (
    select event_id, min(created_at) as at from runs
    where tenant_id = $1 and created_at > now() - interval '1 day' and generation = 0 and replay_id is null
    group by event_id order by at desc limit $2
  )
  select (select count(*)::int from dispatched) as events, (select min(at) + interval '1 day' from dispatched) as until,
    (select count(*)::int from (
      select from connections join runs on runs.connection_id = connections.id and runs.finished_at is null
      where connections.tenant_id = $1 and runs.replay_id is null limit $3) as unfinished) as runs,
    (select count(*)::int from connections where tenant_id = $1 and enabled) as connections`

export async function readRoom(
  client: Queryable,
  tenant: TenantId,
  { eventsPerDay, unfinishedRuns }: QuotaLimits,
): Promise<Room> {
  const { rows } = await client.query<RoomRow>(roomSql, [tenant, eventsPerDay, unfinishedRuns])
  const { events = 0, until = null, runs = 0, connections = 0 } = rows[0] ?? {}
  const left = Math.max(0, eventsPerDay - events)
  return {
    events: left,
    until: left === 0 ? until : null,
    runs: Math.max(0, unfinishedRuns - runs),
    connections: Math.max(1, connections),
  }
}

export const isFull = ({ events, runs }: Room) => events === 0 || runs === 0

/** Leaves a margin, so that a tenant at its quota is not marked again with every event. */
export function isAmple({ events, runs }: Room, { eventsPerDay, unfinishedRuns }: QuotaLimits): boolean {
  return events >= Math.ceil(eventsPerDay / 10) && runs >= Math.ceil(unfinishedRuns / 10)
}
