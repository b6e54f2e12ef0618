/** What operators do with runs, as guarded updates: each changes a run only if it is in one of the given states. */
import type pg from 'pg'

import { inTransaction, queryable, type Transaction } from '../../postgres/transaction.ts'
import type { Queue } from '../../queue/store/queue.ts'
import type { RunState } from '../../runs/run.ts'
import { supersedeFollowUps } from '../../runs/store/follow-ups.ts'
import { resumeRuns } from '../../runs/store/resume.ts'
import { startRuns } from '../../runs/store/start.ts'
import { moveRuns } from '../../runs/store/transition.ts'
import { wake } from '../../runs/store/wake.ts'
import { resumedText, type Resumption, type RunAdmin, type RunReader } from '../operate.ts'
import { countRuns, findRuns, listCodes, listRuns } from './run-lists.ts'
import { listEvents, showEvent, showRun } from './run-views.ts'

export function createRunReader(pool: pg.Pool): RunReader {
  const client = queryable(pool)
  return {
    listRuns: (filter) => listRuns(client, filter),
    countRuns: (filter) => countRuns(client, filter),
    findRuns: (name, filter) => findRuns(client, name, filter),
    showRun: (id) => showRun(client, id),
    listEvents: (filter) => listEvents(client, filter),
    showEvent: (id) => showEvent(client, id),
    listCodes: () => listCodes(client),
  }
}

export function createRunAdmin(pool: pg.Pool, queue: Queue): RunAdmin {
  return {
    ...createRunReader(pool),
    queueAgain: (id, from, resumption) =>
      inTransaction(pool, async (tx) => {
        // A queued run without a delay will start anyway.
        const where = `runs.id = $3 and (runs.state <> 'queued' or runs.next_at is not null)`
        const because = resumedText(resumption)
        const decision = decisionOf(resumption)
        const runs = await resumeRuns(tx, { from, where, values: [id], because, decision })
        await queue.send(tx, runs)
        return runs.length === 1
      }),
    cancel: (id, from, because = 'cancelled') =>
      inTransaction(pool, (tx) => cancel(tx, queue, { id, from, because })),
    replay: (event, integrations) => inTransaction(pool, (tx) => replay(tx, queue, { event, integrations })),
  }
}

async function cancel(
  client: Transaction,
  queue: Queue,
  {
    id,
    from,
    because,
  }: { readonly id: string; readonly from: readonly RunState[]; readonly because: string },
): Promise<boolean> {
  // Without its lease the worker records nothing more; a call that it has already sent still takes effect.
  const ended = await moveRuns(client, {
    from,
    to: 'cancelled',
    where: 'runs.id = $1',
    line: { reason: '$2' },
    values: [id, because],
  })
  await queue.send(
    client,
    await wake(
      client,
      ended.map(({ run }) => run),
    ),
  )
  return ended.length === 1
}

async function replay(
  client: Transaction,
  queue: Queue,
  { event, integrations }: { readonly event: string; readonly integrations: readonly string[] },
): Promise<readonly string[]> {
  // Waits for an event that is being pruned, which is then gone.
  await client.query('select from events where id = $1 for key share', [event])
  await supersedeFollowUps(client, event, integrations)
  const started = await startRuns(client, {
    of: nextGenerations,
    set: { resumed_at: 'now()' },
    line: { reason: `'replayed'` },
    values: [event, integrations],
  })
  await queue.send(
    client,
    started.map((job) => ({ ...job, replay: true })),
  )
  return started.map(({ run }) => run)
}

/** Empty while a run is unfinished. */
const nextGenerations = `(
  select events.id as event_id, events.tenant_id, events.subject, connections.id as connection_id, connections.integration,
    coalesce(max(runs.generation) + 1, 0) as generation
  from events
  join connections on connections.tenant_id = events.tenant_id and connections.enabled
  left join runs on runs.event_id = events.id and runs.connection_id = connections.id
  where events.id = $1 and connections.integration = any ($2)
  group by events.id, connections.id
  having count(*) filter (where runs.id is not null and runs.finished_at is null) = 0
)`

function decisionOf({ decision, by, reason }: Resumption = {}) {
  return decision === undefined
    ? undefined
    : { ...decision, ...(by !== undefined && { by }), ...(reason !== undefined && { reason }) }
}
