/** Runs and events as people read them: lists, the timeline of a run, the runs of an event. They contain no personal data. */
import type { ResumesOn } from '../../base/failure.ts'
import type { JsonObject } from '../../base/json.ts'
import type { Queryable } from '../../postgres/transaction.ts'
import type { CallCounts, Decision, RunState } from '../../runs/run.ts'
import { rechecksOf } from '../../runs/store/watches.ts'
import { costOf, type HistoryLine } from '../cost.ts'
import type { EventView } from '../event-view.ts'
import {
  adoptedText,
  type DecisionView,
  madeWithText,
  reasonsNow,
  type Resumption,
  type RunView,
  type ShownRun,
  type TimelineEntry,
} from '../operate.ts'

export interface RunRow {
  readonly id: string
  readonly tenant: string
  readonly integration: string
  readonly event_id: string
  readonly subject: string
  readonly state: RunState
  readonly code: string | null
  readonly reason: string | null
  readonly fix: string | null
  readonly resumes_on: ResumesOn | null
  readonly attempt: number
  readonly next_at: Date | null
  readonly result: JsonObject | null
  readonly replay_id: string | null
  readonly decision: (Decision & Pick<Resumption, 'by' | 'reason'> & { readonly at: string }) | null
  readonly mapping_version: number | null
  readonly follow_up: boolean
  readonly created_at: Date
  readonly updated_at: Date
}

export const runColumns = `runs.id, tenants.slug as tenant, runs.integration, runs.event_id, runs.subject, runs.state, runs.code,
  runs.reason, runs.fix, runs.resumes_on, runs.attempt, runs.next_at, runs.result, runs.replay_id, runs.decision, runs.mapping_version,
  runs.created_at, runs.updated_at, runs.follow_up_since is not null as follow_up`

export function toRunView(row: RunRow): RunView {
  return {
    id: row.id,
    tenant: row.tenant,
    integration: row.integration,
    event: row.event_id,
    subject: row.subject,
    state: row.state,
    ...reasonsNow({ ...row, resumesOn: row.resumes_on }),
    attempt: row.attempt,
    nextAt: row.next_at?.toISOString() ?? null,
    result: row.result,
    replay: row.replay_id,
    decision: toDecisionView(row.decision),
    mappingVersion: row.mapping_version,
    followUp: row.follow_up,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  }
}

function toDecisionView(decision: RunRow['decision']): DecisionView | null {
  if (decision === null) return null
  const { is, at, by = null, reason = null } = decision
  const record = decision.is === 'record' ? decision.record : null
  return { is, record, by, reason, at: new Date(at).toISOString() }
}

/** The newest rows of each tenant, from the end of an index: a sort would read all rows. */
export function newest(table: 'runs' | 'events', where: string): string {
  const time = table === 'runs' ? 'created_at' : 'received_at'
  return `tenants cross join lateral (
    select * from ${table} ${where} ${where === '' ? 'where' : 'and'} tenant_id = tenants.id
    order by ${time} desc, id desc limit $1
  ) as ${table}`
}

/**
 * The statement contains only the conditions that are given: with `$2 is null or …`, a generic plan reads all rows.
 * `$` is the condition's own value; the first value of the statement is the limit.
 */
export function conditions(all: readonly (readonly [sql: string, value: string | Date | undefined])[]) {
  const given = all.filter(([, value]) => value !== undefined)
  const values: unknown[] = []
  const texts = given.map(([sql, value]) =>
    sql.includes('$') ? sql.replaceAll('$', `$${values.push(value) + 1}`) : sql,
  )
  return { where: texts.join(' and '), values }
}

export async function showRun(client: Queryable, id: string): Promise<ShownRun | undefined> {
  const { rows } = await client.query<RunRow>(
    `select ${runColumns} from runs join tenants on tenants.id = runs.tenant_id where runs.id = $1`,
    [id],
  )
  const [row] = rows
  if (row === undefined) return undefined
  const entries = await entriesOf(client, id)
  return {
    run: toRunView(row),
    timeline: entries.map(toTimelineEntry),
    cost: costOf(historyOf(entries), entries[0]?.now ?? new Date()),
    rechecks: await rechecksOf(client, id),
  }
}

interface EntryRow {
  readonly at: Date
  readonly attempt: number
  readonly kind: RunState | 'step'
  readonly text: string
  readonly milliseconds: number | null
  readonly code: string | null
  readonly calls: CallCounts | null
  readonly mapping_version: number | null
  readonly now: Date
}

const outcomeSql = `case outcome when 'adopted' then '${adoptedText}' else outcome end`

async function entriesOf(client: Queryable, run: string): Promise<readonly EntryRow[]> {
  const { rows } = await client.query<EntryRow>(
    `select at, attempt, kind, text, milliseconds, code, calls, mapping_version, now() as now from (
       select at, seq, attempt, state as kind, coalesce(reason, '') as text, null::float8 as milliseconds, code, calls,
         null::int as mapping_version
       from run_history where run_id = $1
       union all
       select finished_at, 0, attempt, 'step', title || ': ' || ${outcomeSql} || coalesce(' (' || remote_id || ')', '')
           || coalesce(', ${madeWithText} ' || mapping_version, ''),
         extract(epoch from finished_at - started_at)::float8 * 1000, null, null, mapping_version
       from steps where run_id = $1
     ) as entries order by at, seq`,
    [run],
  )
  return rows
}

function toTimelineEntry({ at, attempt, kind, text, milliseconds, ...made }: EntryRow): TimelineEntry {
  return {
    ...{ at: at.toISOString(), attempt, kind, text },
    ...(milliseconds === null ? {} : { milliseconds: Math.max(0, Math.round(milliseconds)) }),
    ...(made.mapping_version === null ? {} : { mappingVersion: made.mapping_version }),
  }
}

function historyOf(entries: readonly EntryRow[]): readonly HistoryLine[] {
  return entries.flatMap(({ kind, ...entry }) => (kind === 'step' ? [] : [{ ...entry, state: kind }]))
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

const eventColumns = `events.id, tenants.slug as tenant, events.name, events.subject, events.triggered_at, events.received_at,
    events.origin, events.deliveries,
    coalesce((select json_agg(json_build_object('id', id, 'integration', integration, 'state', state) order by created_at, id)
      from runs where event_id = events.id), '[]') as runs`

function toEventView({ triggered_at, received_at, ...row }: EventRow): EventView {
  return { ...row, triggeredAt: triggered_at?.toISOString() ?? null, receivedAt: received_at.toISOString() }
}

/** Newest first. */
export async function listEvents(
  client: Queryable,
  filter: { readonly tenant?: string; readonly subject?: string; readonly limit: number },
): Promise<readonly EventView[]> {
  const { where, values } = conditions([
    ['events.tenant_id = (select id from tenants where slug = $)', filter.tenant],
    ['events.subject = $', filter.subject],
  ])
  const { rows } = await client.query<EventRow>(
    `select ${eventColumns} from ${newest('events', where === '' ? '' : `where ${where}`)}
     order by events.received_at desc, events.id desc limit $1`,
    [filter.limit, ...values],
  )
  return rows.map(toEventView)
}

export async function showEvent(client: Queryable, id: string): Promise<EventView | undefined> {
  const { rows } = await client.query<EventRow>(
    `select ${eventColumns} from events join tenants on tenants.id = events.tenant_id where events.id = $1`,
    [id],
  )
  return rows.map(toEventView)[0]
}
