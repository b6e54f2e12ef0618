/** Reading runs and events for people: lists, one run's timeline, one event's runs. No personal data is in them. */
import type { JsonObject } from '../base/json.ts'
import type { EventView, RunFilter, RunView, TimelineEntry } from '../runs/operate.ts'
import type { RunState } from '../runs/run.ts'
import type { Queryable } from './transaction.ts'

interface RunRow {
  readonly id: string
  readonly tenant: string
  readonly integration: string
  readonly event_id: string
  readonly subject: string
  readonly state: RunState
  readonly code: string | null
  readonly reason: string | null
  readonly fix: string | null
  readonly attempt: number
  readonly next_at: Date | null
  readonly result: JsonObject | null
  readonly replay_id: string | null
  readonly created_at: Date
  readonly updated_at: Date
}

const runColumns = `runs.id, tenants.slug as tenant, runs.integration, runs.event_id, runs.subject, runs.state, runs.code,
  runs.reason, runs.fix, runs.attempt, runs.next_at, runs.result, runs.replay_id, runs.created_at, runs.updated_at`

function toRunView(row: RunRow): RunView {
  return {
    id: row.id,
    tenant: row.tenant,
    integration: row.integration,
    event: row.event_id,
    subject: row.subject,
    state: row.state,
    code: row.code,
    reason: row.reason,
    fix: row.fix,
    attempt: row.attempt,
    nextAt: row.next_at?.toISOString() ?? null,
    result: row.result,
    replay: row.replay_id,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  }
}

/** Newest first. */
export async function listRuns(client: Queryable, filter: RunFilter): Promise<readonly RunView[]> {
  const { rows } = await client.query<RunRow>(
    `select ${runColumns} from runs join tenants on tenants.id = runs.tenant_id
     where ($1::text is null or tenants.slug = $1) and ($2::text is null or runs.state = $2)
       and ($3::text is null or runs.integration = $3) and ($4::text is null or runs.event_id = $4)
       and ($6::text is null or runs.replay_id = $6)
     order by runs.created_at desc, runs.id desc limit $5`,
    [
      filter.tenant ?? null,
      filter.state ?? null,
      filter.integration ?? null,
      filter.event ?? null,
      filter.limit,
      filter.replay ?? null,
    ],
  )
  return rows.map(toRunView)
}

export async function showRun(client: Queryable, id: string) {
  const { rows } = await client.query<RunRow>(
    `select ${runColumns} from runs join tenants on tenants.id = runs.tenant_id where runs.id = $1`,
    [id],
  )
  const [row] = rows
  return row === undefined ? undefined : { run: toRunView(row), timeline: await timeline(client, id) }
}

interface TimelineRow {
  readonly at: Date
  readonly attempt: number
  readonly kind: RunState | 'step'
  readonly text: string
  readonly milliseconds: number | null
}

async function timeline(client: Queryable, run: string): Promise<readonly TimelineEntry[]> {
  const { rows } = await client.query<TimelineRow>(
    `select at, attempt, kind, text, milliseconds from (
       select at, seq, attempt, state as kind, coalesce(reason, '') as text, null::float8 as milliseconds
       from run_history where run_id = $1
       union all
       select finished_at, 0, attempt, 'step', title || ': ' || outcome || coalesce(' (' || remote_id || ')', ''),
         extract(epoch from finished_at - started_at)::float8 * 1000
       from steps where run_id = $1
     ) as entries order by at, seq`,
    [run],
  )
  return rows.map(({ at, milliseconds, ...entry }) => ({
    at: at.toISOString(),
    ...entry,
    ...(milliseconds === null ? {} : { milliseconds: Math.max(0, Math.round(milliseconds)) }),
  }))
}

interface EventRow {
  readonly id: string
  readonly tenant: string
  readonly name: string | null
  readonly subject: string | null
  readonly triggered_at: Date | null
  readonly received_at: Date
  readonly origin: string
  readonly deliveries: number
  readonly runs: EventView['runs']
}

const eventSql = `
  select events.id, tenants.slug as tenant, events.name, events.subject, events.triggered_at, events.received_at,
    events.origin, events.deliveries,
    coalesce((select json_agg(json_build_object('id', id, 'integration', integration, 'state', state) order by created_at, id)
      from runs where event_id = events.id), '[]') as runs
  from events join tenants on tenants.id = events.tenant_id`

function toEventView({ triggered_at, received_at, ...row }: EventRow): EventView {
  return { ...row, triggeredAt: triggered_at?.toISOString() ?? null, receivedAt: received_at.toISOString() }
}

/** Newest first. */
export async function listEvents(
  client: Queryable,
  filter: { readonly tenant?: string; readonly subject?: string; readonly limit: number },
): Promise<readonly EventView[]> {
  const { rows } = await client.query<EventRow>(
    `${eventSql} where ($1::text is null or tenants.slug = $1) and ($2::text is null or events.subject = $2)
     order by events.received_at desc, events.id desc limit $3`,
    [filter.tenant ?? null, filter.subject ?? null, filter.limit],
  )
  return rows.map(toEventView)
}

export async function showEvent(client: Queryable, id: string): Promise<EventView | undefined> {
  const { rows } = await client.query<EventRow>(`${eventSql} where events.id = $1`, [id])
  return rows.map(toEventView)[0]
}
