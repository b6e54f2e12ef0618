/** The end of a try: state, history, follow-up job, woken runs and the end of the job, in the caller's transaction. */
import type { RunId } from '../base/ids.ts'
import type { Job } from '../runs/ports.ts'
import type { Lease, Settlement } from '../runs/run.ts'
import { watch } from './lift-watch.ts'
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
  const base = { ...none, state: settlement.state, free: false, failed: false }
  switch (settlement.state) {
    case 'done':
      return { ...base, result: JSON.stringify(settlement.result) }
    case 'waiting': {
      const { code, reason, nextAt, free, waitingFor } = settlement
      return { ...base, code, reason, nextAt, free, failed: !free, waitingFor: waitingFor ?? null }
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
      first_failed_at = case when $12 then coalesce(first_failed_at, now()) else first_failed_at end,
      lease = null, worker = null, turn = turn + 1, updated_at = now(),
      finished_at = case when $3 in ('done', 'refused') then now() end
    where id = $1 and lease = $2
    returning id, turn, attempt, connection_id
  ), told as (
    insert into run_history (run_id, attempt, state, code, reason) select id, attempt, $3, $4, $5 from settled
  )
  select turn, connection_id from settled`

export async function settle(deps: SettleDeps, settlement: Settlement): Promise<boolean> {
  const { client, queue, lease, job } = deps
  const columns = columnsOf(settlement)
  const { rows } = await client.query<{ turn: number; connection_id: string }>(settleSql, [
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
  ])
  const [row] = rows
  if (row === undefined) return false

  if (settlement.state === 'parked' && settlement.pausesConnection)
    await pauseConnection(client, row.connection_id, settlement)
  if (settlement.state === 'parked') await watch(client, { run: lease.run, turn: row.turn }, settlement)
  const jobs =
    settlement.state === 'waiting'
      ? [await followUp(client, row.turn, { lease, settlement })]
      : await wake(client, lease.run)
  await queue.send(client, jobs)
  await queue.complete(client, job)
  return true
}

/** When the run that this one waits for has ended in the meantime, nobody would wake it: it goes on at once. */
async function followUp(
  client: Queryable,
  turn: number,
  {
    lease,
    settlement,
  }: { readonly lease: Lease; readonly settlement: Settlement & { readonly state: 'waiting' } },
): Promise<JobToSend> {
  const { waitingFor, nextAt } = settlement
  const later = { run: lease.run, turn, at: nextAt }
  if (waitingFor === undefined) return later
  // The share lock waits for a settlement of that run that is under way, so its outcome is not missed.
  const { rows } = await client.query<{ state: string }>('select state from runs where id = $1 for share', [
    waitingFor,
  ])
  const unfinished = rows.some(({ state }) => ['queued', 'running', 'waiting'].includes(state))
  return unfinished ? later : { run: lease.run, turn }
}

/** Runs that waited for this one's turn on the same person go on now. */
export async function wake(client: Queryable, ended: RunId): Promise<readonly JobToSend[]> {
  const { rows } = await client.query<{ id: RunId; turn: number }>(
    `update runs set turn = turn + 1, waiting_for = null, next_at = now(), updated_at = now()
     where waiting_for = $1 and state = 'waiting' returning id, turn`,
    [ended],
  )
  return rows.map(({ id, turn }) => ({ run: id, turn }))
}

async function pauseConnection(
  client: Queryable,
  connection: string,
  { code, reason, fix }: Settlement & { readonly state: 'parked' },
): Promise<void> {
  await client.query(
    `update connections set paused_code = $2, paused_reason = $3, paused_fix = $4, paused_at = now()
     where id = $1 and paused_at is null`,
    [connection, code, reason, fix],
  )
}
