/** Settlements: state, history, next job, woken runs and the end of the job, in the caller's transaction. */
import type { ConnectionId, RunId, TenantId } from '../../base/ids.ts'
import type { KeepHires } from '../../hires/store/hires.ts'
import type { Transaction } from '../../postgres/transaction.ts'
import type { Job } from '../../queue/ports.ts'
import type { JobToSend, Queue } from '../../queue/store/queue.ts'
import { isActive, type Lease, type RunState, type Settlement } from '../run.ts'
import { startFollowUps } from './follow-ups.ts'
import { pauseConnection } from './pause.ts'
import { type PausedConnection, settledBefore } from './settled-before.ts'
import { columnsOf } from './settlement-columns.ts'
import { columnsFrom, transitionSql } from './transition.ts'
import { wake } from './wake.ts'
import { watch } from './watches.ts'

interface SettleDeps {
  readonly client: Transaction
  readonly queue: Queue
  readonly keepHires: KeepHires
}

/** An attempt that has ended. */
export interface Ended {
  readonly lease: Lease
  readonly job: Job
  readonly settlement: Settlement
}

/** Locks no row that other runs need as well (a connection, a circuit), so that many of these can share a transaction. */
export function isPlain(settlement: Settlement): boolean {
  if (settlement.state === 'parked') return false
  return (
    settlement.state !== 'waiting' || (settlement.waitingFor === undefined && settlement.kind !== 'circuit')
  )
}

/** The connection is unchanged since the claim: `unlessChanged` has checked that. */
const seenRevision = `case when mine.resumes_on = 'connection' then (
  select revision from connections where connections.id = runs.connection_id) end`

/** The lease guards the update: a worker whose run was taken over updates nothing. */
const settleSql = `
  with mine as (
    select runs.id, given.*
    from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[],
        $9::text[], $10::text[], $11::bool[], $12::bool[], $13::text[], $14::text[], $15::int[])
      as given (run_id, token, state, code, reason, fix, resumes_on, next_at, waiting_for, result, failed, failing, waited_for, calls, mapping)
    join runs on runs.id = given.run_id and runs.lease = given.token
    order by runs.id for no key update of runs
  ), ${transitionSql('settled', {
    from: ['running'],
    to: { states: ['done', 'waiting', 'parked', 'refused'], sql: 'mine.state' },
    using: 'mine',
    returning: 'mine.calls',
    where: 'runs.id = mine.id',
    set: {
      ...columnsFrom('mine', ['code', 'reason', 'fix', 'resumes_on', 'next_at', 'waiting_for', 'waited_for']),
      result: 'mine.result::jsonb',
      failures: 'failures + (case when mine.failed then 1 else 0 end)',
      first_failed_at:
        'case when mine.failing then coalesce(first_failed_at, now()) else first_failed_at end',
      // An attempt that was alone and came to an end clears the run: the earlier workers died for another reason.
      takeovers: `case when runs.held = 'alone' then 0 else takeovers end`,
      settled_by: 'runs.lease',
      mapping_version: 'mine.mapping',
      connection_revision: seenRevision,
      held: 'null',
    },
    line: { code: 'code', reason: 'reason', calls: 'calls::jsonb' },
  })}
  select id, turn, connection_id, tenant_id, subject from settled`

export interface Settled {
  /** False when the lease was lost. */
  readonly written: boolean
  /** This settlement, and no other one, paused the connection. */
  readonly paused?: PausedConnection | undefined
}

/** One result for each, in order. */
export async function settle(deps: SettleDeps, ended: readonly Ended[]): Promise<readonly Settled[]> {
  const { client, queue, keepHires } = deps
  const attempts: Ended[] = []
  for (const attempt of ended)
    attempts.push({ ...attempt, settlement: await unlessChanged(client, attempt.lease, attempt.settlement) })
  const rows = await writeSettlements(client, attempts)

  const lost = attempts.filter(({ lease }) => !rows.has(lease.run))
  const before = await settledBefore(
    client,
    lost.map(({ lease }) => lease),
  )
  const settled: Settled[] = []
  const jobs: JobToSend[] = []
  for (const { lease, settlement } of attempts) {
    const row = rows.get(lease.run)
    if (row !== undefined && settlement.state === 'waiting') {
      const next = { turn: row.turn, connection: row.connection_id }
      jobs.push(await nextJob(client, next, { lease, settlement }))
    }
    const paused = row && settlement.state === 'parked' ? await park(client, row, settlement) : undefined
    settled.push({ written: row !== undefined, paused, ...(row === undefined && before.get(lease.run)) })
  }
  const written = attempts.filter(({ lease }) => rows.has(lease.run))
  jobs.push(...(await startFollowUps(client, followedUp(written))))
  const atRest = written.filter(({ settlement }) => settlement.state !== 'waiting')
  jobs.push(
    ...(await wake(
      client,
      atRest.map(({ lease }) => lease.run),
    )),
  )
  await queue.send(client, jobs)
  await queue.complete(
    client,
    written.map(({ job }) => job),
  )
  keepHires(client, hiresOf(written, rows))
  return settled
}

function followedUp(written: readonly Ended[]) {
  return written.flatMap(({ lease, settlement }) =>
    settlement.state === 'done' && settlement.followUp !== undefined
      ? [{ run: lease.run, followUp: settlement.followUp }]
      : [],
  )
}

interface SettledRow {
  readonly id: RunId
  readonly turn: number
  readonly connection_id: ConnectionId
  readonly tenant_id: TenantId
  readonly subject: string
}

function hiresOf(written: readonly Ended[], rows: ReadonlyMap<RunId, SettledRow>) {
  return written.flatMap(({ lease, settlement: { hire } }) => {
    const row = rows.get(lease.run)
    return row === undefined || hire === undefined
      ? []
      : [{ tenant: row.tenant_id, application: row.subject, hire }]
  })
}

async function writeSettlements(
  client: Transaction,
  attempts: readonly Ended[],
): Promise<ReadonlyMap<RunId, SettledRow>> {
  const columns = attempts.map(({ settlement }) => columnsOf(settlement))
  const { rows } = await client.query<SettledRow>(settleSql, [
    attempts.map(({ lease }) => lease.run),
    attempts.map(({ lease }) => lease.token),
    columns.map(({ state }) => state),
    columns.map(({ code }) => code),
    columns.map(({ reason }) => reason),
    columns.map(({ fix }) => fix),
    columns.map(({ resumesOn }) => resumesOn),
    columns.map(({ nextAt }) => nextAt),
    columns.map(({ waitingFor }) => waitingFor),
    columns.map(({ result }) => result),
    columns.map(({ failed }) => failed),
    columns.map(({ failing }) => failing),
    columns.map(({ waitedFor }) => waitedFor),
    columns.map(({ calls }) => calls),
    attempts.map(({ lease }) => lease.mappingVersion ?? null),
  ])
  return new Map(rows.map((row) => [row.id, row]))
}

async function park(
  client: Transaction,
  { id: run, turn, connection_id: connection }: SettledRow,
  settlement: Settlement & { readonly state: 'parked' },
): Promise<PausedConnection | undefined> {
  const paused = settlement.pausesConnection
    ? await pauseConnection(client, { connection, run }, settlement)
    : undefined
  await watch(client, { run, turn }, settlement)
  return paused
}

/** Changes whenever settings, secrets or the tenant's key may have changed, or a pause has ended. */
export const revisionSql = `concat_ws(' ', connections.revision, greatest(connections.updated_at, tenants.updated_at))`

/**
 * A run that parks until its connection changes misses a change that happened during its attempt: it would stay parked, and
 * could pause the connection for credentials that are no longer used. It goes on at once instead.
 */
async function unlessChanged(client: Transaction, lease: Lease, settlement: Settlement): Promise<Settlement> {
  if (settlement.state !== 'parked' || settlement.resumesOn !== 'connection') return settlement
  // Waits for a change that is under way; only the next statement sees it. Not a share lock: two transactions that held one
  // could not pause the connection.
  await client.query(
    `select from connections where id = (select connection_id from runs where id = $1) for no key update`,
    [lease.run],
  )
  const { rows } = await client.query<{ revision: string; now: Date }>(
    `select ${revisionSql} as revision, now() as now
     from runs join connections on connections.id = runs.connection_id join tenants on tenants.id = runs.tenant_id
     where runs.id = $1`,
    [lease.run],
  )
  const [row] = rows
  if (row === undefined || lease.revision === undefined || row.revision === lease.revision) return settlement
  const { code, reason, hire, calls } = settlement
  return { state: 'waiting', code, reason, nextAt: row.now, kind: 'turn', hire, calls }
}

/** If what this run waits for has ended in the meantime, nothing would wake it: it goes on at once. */
async function nextJob(
  client: Transaction,
  next: Pick<JobToSend, 'turn' | 'connection'>,
  {
    lease,
    settlement,
  }: { readonly lease: Lease; readonly settlement: Settlement & { readonly state: 'waiting' } },
): Promise<JobToSend> {
  const { waitingFor, nextAt, kind } = settlement
  const later = { run: lease.run, ...next, at: nextAt }
  if (kind === 'circuit') {
    // Likewise with a share lock: a circuit that is just closing wakes only runs that wait already.
    const { rowCount } = await client.query('select from circuits where connection_id = $1 for share', [
      next.connection,
    ])
    return rowCount === 0 ? { run: lease.run, ...next } : later
  }
  if (waitingFor === undefined) return later
  // The share lock waits for a settlement of that run that is under way, so that its outcome is not missed.
  const { rows } = await client.query<{ state: RunState }>('select state from runs where id = $1 for share', [
    waitingFor,
  ])
  return rows.some(({ state }) => isActive(state)) ? later : { run: lease.run, ...next }
}
