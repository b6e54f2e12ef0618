/** The end of a try: state, history, follow-up job, woken runs and the end of the job, in the caller's transaction. */
import type { ConnectionId, RunId } from '../base/ids.ts'
import type { Job } from '../runs/ports.ts'
import type { Lease, Settlement } from '../runs/run.ts'
import type { JobToSend, Queue } from './queue.ts'
import type { Queryable } from './transaction.ts'

interface SettleDeps {
  readonly client: Queryable
  readonly queue: Queue
  readonly lease: Lease
  readonly job: Job
}

/** The state after the try, as columns. One row, so that one statement serves every outcome. */
interface Columns {
  readonly state: Settlement['state']
  readonly code: string | null
  readonly reason: string | null
  readonly fix: string | null
  readonly liftedBy: string | null
  readonly nextAt: Date | null
  readonly waitingFor: RunId | null
  readonly result: string | null
  readonly free: boolean
  readonly failed: boolean
  /** The time of failing, after which a run gives up, goes on or begins. */
  readonly failing: boolean
}

const none = {
  code: null,
  reason: null,
  fix: null,
  liftedBy: null,
  nextAt: null,
  waitingFor: null,
  result: null,
}

function columnsOf(settlement: Settlement): Columns {
  const base = { ...none, state: settlement.state, free: false, failed: false, failing: false }
  switch (settlement.state) {
    case 'done':
      return { ...base, result: JSON.stringify(settlement.result) }
    case 'waiting': {
      const { code, reason, nextAt, free, waitingFor } = settlement
      const counted = { free, failed: !free, failing: !free || settlement.failing === true }
      return { ...base, ...counted, code, reason, nextAt, waitingFor: waitingFor ?? null }
    }
    case 'parked':
      return {
        ...base,
        code: settlement.code,
        reason: settlement.reason,
        fix: settlement.fix,
        liftedBy: settlement.liftedBy,
      }
    case 'refused':
      return { ...base, code: settlement.code, reason: settlement.reason }
  }
}

/** The lease is the fence: a worker whose run was taken over updates nothing. */
const settleSql = `
  with settled as (
    update runs set state = $3, code = $4, reason = $5, fix = $6, lifted_by = $7, next_at = $8, waiting_for = $9,
      result = $10::jsonb, attempt = attempt - (case when $11 then 1 else 0 end),
      failures = failures + (case when $12 then 1 else 0 end),
      first_failed_at = case when $13 then coalesce(first_failed_at, now()) else first_failed_at end,
      lease = null, worker = null, turn = turn + 1, updated_at = now(),
      finished_at = case when $3 in ('done', 'refused') then now() end
    where id = $1 and lease = $2
    returning id, turn, attempt, connection_id
  ), told as (
    insert into run_history (run_id, attempt, state, code, reason) select id, attempt, $3, $4, $5 from settled
  )
  select turn, connection_id from settled`

export interface PausedConnection {
  readonly connection: ConnectionId
  readonly tenant: string
  readonly integration: string
  readonly code: string
}

/** Undefined when the lease was lost. `paused`: this settlement, and no other one, paused the connection. */
export async function settle(
  deps: SettleDeps,
  ended: Settlement,
): Promise<{ readonly paused: PausedConnection | undefined } | undefined> {
  const { client, queue, lease, job } = deps
  const settlement = await unlessChanged(client, lease, ended)
  const columns = columnsOf(settlement)
  const { rows } = await client.query<{ turn: number; connection_id: ConnectionId }>(settleSql, [
    lease.run,
    lease.token,
    columns.state,
    columns.code,
    columns.reason,
    columns.fix,
    columns.liftedBy,
    columns.nextAt,
    columns.waitingFor,
    columns.result,
    columns.free,
    columns.failed,
    columns.failing,
  ])
  const [row] = rows
  if (row === undefined) return undefined

  const connection = row.connection_id
  const paused =
    settlement.state === 'parked' && settlement.pausesConnection
      ? await pauseConnection(client, connection, settlement)
      : undefined
  const jobs =
    settlement.state === 'waiting'
      ? [await followUp(client, { turn: row.turn, connection }, { lease, settlement })]
      : await wake(client, lease.run)
  await queue.send(client, jobs)
  await queue.complete(client, job)
  return { paused }
}

/** Another one whenever settings, secrets or the tenant's key may have changed. */
export const revisionSql = 'greatest(connections.updated_at, tenants.updated_at)::text'

/**
 * A run that parks until its connection changes, when that has happened during its try, has missed it: nobody would lift
 * it, and it must not pause the connection for credentials that are no more. It goes on at once.
 */
async function unlessChanged(client: Queryable, lease: Lease, settlement: Settlement): Promise<Settlement> {
  if (settlement.state !== 'parked' || settlement.liftedBy !== 'connection') return settlement
  // Waits for a change that is under way; what it has changed is seen by the next statement only. Not a share lock: of two
  // that held one, neither could pause the connection.
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
  const { code, reason } = settlement
  return { state: 'waiting', code, reason, nextAt: row.now, free: true }
}

/** When what this run waits for has ended in the meantime, nobody would wake it: it goes on at once. */
async function followUp(
  client: Queryable,
  next: Pick<JobToSend, 'turn' | 'connection'>,
  {
    lease,
    settlement,
  }: { readonly lease: Lease; readonly settlement: Settlement & { readonly state: 'waiting' } },
): Promise<JobToSend> {
  const { waitingFor, nextAt, forCircuit } = settlement
  const later = { run: lease.run, ...next, at: nextAt }
  if (forCircuit === true) {
    // Likewise with a share lock: a circuit that is just being closed wakes only runs that wait already.
    const { rowCount } = await client.query('select from circuits where connection_id = $1 for share', [
      next.connection,
    ])
    return rowCount === 0 ? { run: lease.run, ...next } : later
  }
  if (waitingFor === undefined) return later
  // The share lock waits for a settlement of that run that is under way, so its outcome is not missed.
  const { rows } = await client.query<{ state: string }>('select state from runs where id = $1 for share', [
    waitingFor,
  ])
  const unfinished = rows.some(({ state }) => ['queued', 'running', 'waiting'].includes(state))
  return unfinished ? later : { run: lease.run, ...next }
}

/** Runs that waited for this one's turn on the same person go on now. */
export async function wake(client: Queryable, ended: RunId): Promise<readonly JobToSend[]> {
  const { rows } = await client.query<{ id: RunId; turn: number; connection_id: ConnectionId }>(
    `update runs set turn = turn + 1, waiting_for = null, next_at = now(), updated_at = now()
     where waiting_for = $1 and state = 'waiting' returning id, turn, connection_id`,
    [ended],
  )
  return rows.map(({ id, turn, connection_id: connection }) => ({ run: id, turn, connection }))
}

async function pauseConnection(
  client: Queryable,
  connection: ConnectionId,
  { code, reason, fix }: Settlement & { readonly state: 'parked' },
): Promise<PausedConnection | undefined> {
  const { rows } = await client.query<{ slug: string; integration: string }>(
    `update connections set paused_code = $2, paused_reason = $3, paused_fix = $4, paused_at = now()
     from tenants where connections.id = $1 and paused_at is null and tenants.id = connections.tenant_id
     returning tenants.slug, connections.integration`,
    [connection, code, reason, fix],
  )
  return rows.map(({ slug, integration }) => ({ connection, tenant: slug, integration, code }))[0]
}
