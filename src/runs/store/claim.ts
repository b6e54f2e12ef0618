/** Claims runs, many in one statement, with everything that a worker needs for the attempt. */
import { type WaitKind, waitKinds } from '../../base/failure.ts'
import type { ConnectionId, EventId, RunId, TenantId } from '../../base/ids.ts'
import type { JsonObject } from '../../base/json.ts'
import type { LimitRow } from '../../base/rate-limit.ts'
import type { Extra } from '../../pinpoint/read-hire.ts'
import type { Queryable } from '../../postgres/transaction.ts'
import type { Job } from '../../queue/ports.ts'
import type { WriteBack } from '../../tenants/connection-options.ts'
import { refusedExtrasSql } from '../../tenants/store/refused-extras.ts'
import type { Decision } from '../run.ts'
import { tokenOf } from './held.ts'
import { revisionSql } from './settle.ts'
import { isIn, transitionSql } from './transition.ts'

export interface Claim {
  readonly job: Job
  readonly worker: string
}

interface ClaimDeps {
  readonly client: Queryable
  readonly scope: string
}

export interface ClaimRow {
  readonly id: RunId
  readonly subject: string
  readonly integration: string
  readonly turn: number
  readonly attempt: number
  readonly reads_afresh: boolean
  readonly failures: number
  readonly takeovers: number
  readonly died_alone: boolean
  readonly first_failed_at: Date | null
  readonly follow_up_since: Date | null
  readonly tenant_id: TenantId
  readonly slug: string
  readonly api_url: string
  readonly time_zone: string | null
  readonly sealed_api_key: Buffer
  readonly demo_hires: boolean
  readonly refused_extras: readonly Extra[]
  readonly connection_id: ConnectionId
  readonly enabled: boolean
  readonly settings: unknown
  readonly mapping: JsonObject | null
  readonly mapping_version: number
  readonly sealed_secrets: Buffer
  readonly comment: string | null
  readonly write_back: WriteBack | null
  readonly comment_when_parked: boolean
  readonly paused_code: string | null
  readonly paused_reason: string | null
  readonly paused_fix: string | null
  readonly event_id: EventId
  readonly event_name: string
  readonly triggered_at: Date | null
  readonly received_at: Date
  readonly steps: readonly { title: string; outcome: string; sealed: string }[]
  readonly waited_for: WaitKind | null
  readonly decision: Decision | null
  readonly decision_before: number | null
  readonly not_hired_yet: number
  readonly revision: string
  readonly claimed_at: Date
  readonly limits: readonly LimitRow[]
  readonly circuit_destination: string | null
  readonly circuit_code: string | null
  readonly circuit_reason: string | null
  readonly circuit_of_effects: boolean | null
  readonly unrecognised: { readonly times: number; readonly since: string | null } | null
}

const free = Object.entries(waitKinds).flatMap(([kind, cost]) => (cost === 'attempt' ? [] : [`'${kind}'`]))

/**
 * A wait that cost no attempt continues the attempt, unless its worker died later. `greatest`: 0.1.0 counted the attempt down when such a wait
 * began.
 */
const attemptSql = `greatest(1, attempt + (case
  when repeated or (state <> 'running' and waited_for in (${free.join(', ')})) then 0 else 1 end))`

/**
 * A job of an earlier turn, or of a run that has ended, finds nothing. A dead worker's job finds its run still running. A claim
 * repeated by the same worker with the same delivery, after its answer was lost, finds the run claimed already.
 */
const claimSql = `
  with mine as (
    select runs.id, given.token, given.worker, runs.held as was_held,
      runs.state = 'running' and runs.lease = given.token and runs.worker = given.worker as repeated
    from unnest($1::text[], $2::int[], $3::text[], $4::text[]) as given (run_id, turn, token, worker)
    join runs on runs.id = given.run_id and runs.turn = given.turn
    where ${isIn('running')}
    order by runs.id for no key update of runs
  ), ${transitionSql('claimed', {
    to: 'running',
    using: 'mine',
    returning: 'repeated, was_held',
    where: 'runs.id = mine.id',
    set: {
      turn: 'runs.turn',
      lease: 'mine.token',
      worker: 'mine.worker',
      attempt: attemptSql,
      takeovers: `takeovers + (case when state = 'running' and not repeated and was_held is distinct from 'let_go' then 1 else 0 end)`,
      held: 'case when repeated then held end',
    },
    line: { where: 'not repeated' },
  })}
  select run.id, run.subject, run.integration, run.turn, run.attempt, run.failures,
    run.attempt > 1 or run.generation > 0 or run.resumed_at is not null or run.waited_for <> 'permit' is true as reads_afresh, run.takeovers,
    coalesce(run.was_held = 'alone', false) and not run.repeated as died_alone, run.first_failed_at, run.follow_up_since,
    run.tenant_id, tenants.slug, tenants.api_url, tenants.time_zone, tenants.sealed_api_key, tenants.demo_hires, ${refusedExtrasSql} as refused_extras,
    run.connection_id, connections.enabled, connections.settings, connections.mapping, connections.mapping_version, connections.sealed_secrets,
    connections.comment, connections.write_back, connections.comment_when_parked,
    connections.paused_code, connections.paused_reason, connections.paused_fix,
    run.event_id, events.name as event_name, events.triggered_at, events.received_at,
    coalesce((select json_agg(json_build_object('title', title, 'outcome', outcome, 'sealed', encode(sealed_output, 'base64')))
      from steps where run_id = run.id), '[]') as steps,
    case when run.code is null then 0 else (select count(*)::int from run_history
      where run_id = run.id and code = 'pinpoint.not_hired_yet') end as not_hired_yet,
    run.decision, extract(epoch from run.decision_before)::float8 as decision_before, run.waited_for, clock_timestamp() as claimed_at,
    ${revisionSql} as revision,
    coalesce((select json_agg(json_build_object('scope', scope, 'bucket', bucket, 'connection_id', connection_id,
        'tenant_id', tenant_id, 'version', version, 'budget', budget))
      from limits where scope in (run.connection_id, run.tenant_id, $5)), '[]') as limits,
    circuits.destination as circuit_destination, circuits.code as circuit_code,
    circuits.reason as circuit_reason, circuits.of_effects as circuit_of_effects,
    case when run.first_failed_at is not null then (select json_build_object('times', count(*), 'since', min(at))
      from run_history where run_id = run.id and state = 'waiting' and at >= run.first_failed_at
        and code like '%.answer\\_unrecognised') end as unrecognised
  from claimed as run
  join tenants on tenants.id = run.tenant_id
  join connections on connections.id = run.connection_id
  join events on events.id = run.event_id
  left join circuits on circuits.connection_id = run.connection_id`

export async function claimRuns(
  { client, scope }: ClaimDeps,
  claims: readonly Claim[],
): Promise<readonly { readonly row: ClaimRow | undefined }[]> {
  const { rows } = await client.query<ClaimRow>(claimSql, [
    claims.map(({ job }) => job.run),
    claims.map(({ job }) => job.turn),
    claims.map(({ job }) => tokenOf(job)),
    claims.map(({ worker }) => worker),
    scope,
  ])
  const claimed = new Map(rows.map((row) => [row.id, row]))
  return claims.map(({ job }) => ({ row: claimed.get(job.run) }))
}
