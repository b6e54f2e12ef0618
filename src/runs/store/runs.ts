/** Claiming and settling runs: the two ends of a try. Every write is guarded by the lease of the worker that holds it. */
import type pg from 'pg'

import type { WaitKind } from '../../base/failure.ts'
import type { ConnectionId, EventId, RunId, TenantId } from '../../base/ids.ts'
import type { Sealer } from '../../base/seal.ts'
import { addressScope, defaultAddress } from '../../limits/limit-keys.ts'
import { type LimitRow, toKnownLimit } from '../../limits/store/limits.ts'
import { batched, gatherWork } from '../../postgres/batched.ts'
import { type DatabaseRetry, inTransaction, type Queryable, queryable } from '../../postgres/transaction.ts'
import type { Job } from '../../queue/ports.ts'
import type { Queue } from '../../queue/store/queue.ts'
import { openApiKey, openSecrets } from '../../tenants/store/decrypt.ts'
import type { RunStore } from '../ports.ts'
import type { ClaimedRun, Decision } from '../run.ts'
import { letGo, markAlone, tokenOf } from './held.ts'
import { outputPlace } from './journal.ts'
import { type Ended, isPlain, revisionSql, settle } from './settle.ts'
import type { PausedConnection } from './settled-before.ts'

interface StoreDeps {
  readonly pool: pg.Pool
  readonly queue: Queue
  readonly sealer: Sealer
  readonly withDatabaseRetry: DatabaseRetry
  /** Of this process: what is counted per address is read with each claim. */
  readonly address?: string
  /** Told once for each pause of a connection, after its commit. */
  readonly onPaused?: (paused: PausedConnection) => void
}

export function createRunStore(deps: StoreDeps): RunStore {
  const { pool, queue, sealer, withDatabaseRetry } = deps
  const { address = defaultAddress, onPaused = () => undefined } = deps
  const client = queryable(pool)
  const claim = batched(
    { size: 100, keyOf: ({ job }) => job.run, ...gatherWork },
    (claims: readonly Claim[]) => claimRuns({ client, scope: addressScope(address) }, claims),
  )
  const settleAll = (ended: readonly Ended[]) =>
    inTransaction(pool, (tx) => settle({ client: tx, queue }, ended))
  const settlePlain = batched({ size: 100, keyOf: ({ lease }) => lease.run, ...gatherWork }, settleAll)
  return {
    async claim(job, worker) {
      const { row } = await withDatabaseRetry(() => claim({ job, worker }))
      // Apart from the batch: what cannot be opened is one run's trouble.
      return row && toClaimedRun(row, tokenOf(job), sealer)
    },
    async settle(lease, job, settlement) {
      const ended = { lease, job, settlement }
      const { written, paused } = await withDatabaseRetry(async () => {
        if (isPlain(settlement)) return settlePlain(ended)
        const [settled] = await settleAll([ended])
        return settled ?? { written: false }
      })
      if (paused !== undefined) onPaused(paused)
      return written
    },
    alone: (lease) => withDatabaseRetry(() => markAlone(client, lease)),
    letGo: (jobs) => letGo(client, jobs),
  }
}

interface Claim {
  readonly job: Job
  readonly worker: string
}

interface ClaimDeps {
  readonly client: Queryable
  readonly scope: string
}

interface ClaimRow {
  readonly id: RunId
  readonly subject: string
  readonly integration: string
  readonly attempt: number
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
  readonly connection_id: ConnectionId
  readonly enabled: boolean
  readonly settings: unknown
  readonly sealed_secrets: Buffer
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

/**
 * A job of an earlier turn, or of a run that has ended, finds nothing. A dead worker's job finds its run still running; the same
 * worker with the same delivery of it has claimed the run already, and only asks again because the answer was lost.
 */
const claimSql = `
  with mine as (
    select runs.id, given.token, given.worker, runs.held as was_held,
      runs.state = 'running' and runs.lease = given.token and runs.worker = given.worker as repeated
    from unnest($1::text[], $2::int[], $3::text[], $4::text[]) as given (run_id, turn, token, worker)
    join runs on runs.id = given.run_id and runs.turn = given.turn
    where runs.state in ('queued', 'waiting', 'running')
    order by runs.id for no key update of runs
  ), claimed as (
    update runs set state = 'running', lease = mine.token, worker = mine.worker, next_at = null, waiting_for = null,
      attempt = attempt + (case when repeated then 0 else 1 end),
      takeovers = takeovers + (case when state = 'running' and not repeated and was_held is distinct from 'let_go' then 1 else 0 end),
      held = case when repeated then held end, updated_at = now()
    from mine where runs.id = mine.id
    returning runs.*, repeated, was_held
  ), told as (
    insert into run_history (run_id, attempt, state) select id, attempt, 'running' from claimed where not repeated
  )
  select run.id, run.subject, run.integration, run.attempt, run.failures, run.takeovers,
    coalesce(run.was_held = 'alone', false) and not run.repeated as died_alone, run.first_failed_at, run.follow_up_since,
    run.tenant_id, tenants.slug, tenants.api_url, tenants.time_zone, tenants.sealed_api_key, tenants.demo_hires,
    run.connection_id, connections.enabled, connections.settings, connections.sealed_secrets,
    connections.comment_when_parked,
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

async function claimRuns(
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

function unrecognisedOf({ unrecognised: given }: ClaimRow): ClaimedRun['unrecognised'] {
  return given === null || given.since === null
    ? undefined
    : { times: given.times, since: new Date(given.since) }
}

function eventOf({ event_id: id, event_name: name, ...row }: ClaimRow): ClaimedRun['event'] {
  const { triggered_at: triggeredAt, received_at: receivedAt } = row
  return { id, name, triggeredAt: triggeredAt ?? receivedAt, receivedAt }
}

function toClaimedRun(row: ClaimRow, token: string, sealer: Sealer): ClaimedRun {
  return {
    lease: { run: row.id, token, revision: row.revision },
    attempt: row.attempt,
    failures: row.failures,
    firstFailedAt: row.first_failed_at ?? undefined,
    takeovers: row.takeovers,
    diedAlone: row.died_alone,
    followUpSince: row.follow_up_since ?? undefined,
    subject: row.subject,
    integration: row.integration,
    tenant: {
      id: row.tenant_id,
      slug: row.slug,
      apiUrl: row.api_url,
      timeZone: row.time_zone ?? undefined,
      apiKey: openApiKey(row, sealer),
      demoHires: row.demo_hires,
    },
    connection: {
      id: row.connection_id,
      enabled: row.enabled,
      settings: row.settings,
      secrets: openSecrets(row, sealer),
      commentWhenParked: row.comment_when_parked,
      revision: row.revision,
      paused:
        row.paused_code === null
          ? undefined
          : { code: row.paused_code, reason: row.paused_reason ?? '', fix: row.paused_fix ?? '' },
    },
    event: eventOf(row),
    notHiredYet: row.not_hired_yet,
    journal: new Map(
      row.steps.map(({ title, outcome, sealed }) => [title, { outcome, output: open(sealed, title) }]),
    ),
    waitedFor: row.waited_for ?? undefined,
    decision:
      row.decision === null || row.decision_before === null
        ? undefined
        : { decision: row.decision, before: row.decision_before },
    unrecognised: unrecognisedOf(row),
    claimedAt: row.claimed_at,
    limits: row.limits.map(toKnownLimit),
    circuit:
      row.circuit_destination === null
        ? undefined
        : {
            destination: row.circuit_destination,
            ofEffects: row.circuit_of_effects ?? false,
            code: row.circuit_code ?? '',
            reason: row.circuit_reason ?? '',
          },
  }

  function open(sealed: string, title: string): string {
    return sealer.open(Buffer.from(sealed, 'base64'), outputPlace(row.id, title)).toString('utf8')
  }
}
