/** Runs whose hire may have been revoked, in Postgres: guarded updates, each from one state. */
import type pg from 'pg'

import type { NeedsPerson } from '../../base/failure.ts'
import type { RunId } from '../../base/ids.ts'
import {
  type DatabaseRetry,
  inTransaction,
  type Queryable,
  queryable,
  type Transaction,
} from '../../postgres/transaction.ts'
import type { Queue } from '../../queue/store/queue.ts'
import type { RunState } from '../../runs/run.ts'
import { moveRuns } from '../../runs/store/transition.ts'
import { wake } from '../../runs/store/wake.ts'
import type { Recheck } from '../ports.ts'
import type { RevocableRun, RevokedHireStore } from '../revoked-hires.ts'

export function createRevokedHireStore({
  pool,
  queue,
  withDatabaseRetry,
}: {
  readonly pool: pg.Pool
  readonly queue: Queue
  readonly withDatabaseRetry: DatabaseRetry
}): RevokedHireStore {
  const client = queryable(pool)
  return {
    runOf: (recheck) => withDatabaseRetry(() => runOf(client, recheck)),
    cancelDelayed: (run, because) =>
      withDatabaseRetry(() =>
        inTransaction(pool, (transaction) => cancelDelayed(transaction, queue, { run, because })),
      ),
    parkDone: (run, why) => withDatabaseRetry(() => parkDone(client, run, why)),
    forget: (recheck) => withDatabaseRetry(() => forget(client, recheck)),
  }
}

/** The run waits for the delay of its connection. A replay also delays its runs, even those that have made something. */
const isDelayed = `(state = 'queued' and next_at is not null and attempt = 0 and replay_id is null)`

interface RunRow {
  readonly id: RunId
  readonly state: RunState
  readonly turn: number
  readonly code: string | null
  readonly delayed: boolean
  readonly record_id: string | null
  readonly since: Date | null
}

async function runOf(client: Queryable, { run }: Recheck): Promise<RevocableRun | undefined> {
  const { rows } = await client.query<RunRow>(
    `select id, state, turn, code, ${isDelayed} as delayed, result->>'recordId' as record_id,
       case when result->>'how' in ('created', 'adopted') then finished_at end as since
     from runs where id = $1`,
    [run],
  )
  const [row] = rows
  if (row === undefined) return undefined
  const { id, state, turn, code, delayed, record_id, since } = row
  return {
    id,
    state,
    turn,
    code: code ?? undefined,
    delayed,
    made: record_id === null || since === null ? undefined : { recordId: record_id, since },
  }
}

async function cancelDelayed(
  client: Transaction,
  queue: Queue,
  { run, because }: { readonly run: RevocableRun; readonly because: string },
): Promise<boolean> {
  const ended = await moveRuns(client, {
    from: ['queued'],
    to: 'cancelled',
    where: `runs.id = $1 and runs.turn = $2 and ${isDelayed}`,
    set: { code: `'runs.hire_undone'`, reason: '$3' },
    line: { code: 'code', reason: 'reason' },
    values: [run.id, run.turn, because],
  })
  if (ended.length !== 1) return false
  await queue.send(client, await wake(client, [run.id]))
  return true
}

/** The run keeps its result, which says what it made. */
async function parkDone(
  client: Queryable,
  { id, turn }: RevocableRun,
  { code, message, fix, resumesOn }: NeedsPerson,
): Promise<boolean> {
  const parked = await moveRuns(client, {
    from: ['done'],
    to: 'parked',
    where: 'runs.id = $1 and runs.turn = $2',
    set: { code: '$3', reason: '$4', fix: '$5', resumes_on: '$6' },
    line: { code: 'code', reason: 'reason' },
    values: [id, turn, code, message, fix, resumesOn],
  })
  return parked.length === 1
}

async function forget(client: Queryable, { run, what, claim }: Recheck): Promise<void> {
  await client.query('delete from rechecks where run_id = $1 and what = $2 and next_at = $3::timestamptz', [
    run,
    what,
    claim,
  ])
}
