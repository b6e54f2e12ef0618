/**
 * Resumes runs that are parked until their connection changes, and runs that wait for a circuit, once the connection has changed.
 * Revisions are compared, so the process that changed the connection may die right after its commit.
 */
import type pg from 'pg'

import type { ConnectionId } from '../../base/ids.ts'
import { inTransaction, type Queryable, queryable, type Transaction } from '../../postgres/transaction.ts'
import type { Queue } from '../../queue/store/queue.ts'
import { resumeRuns } from '../../runs/store/resume.ts'
import { wakeFailing } from '../../runs/store/wake.ts'

/** Runs per transaction. */
const batchSize = 500

/** A run of a disabled or paused connection would park again; enabling or unpausing it is a change, too. */
const isChanged = `connections.enabled and connections.paused_code is null
  and runs.finished_at is null and runs.state = 'parked' and runs.resumes_on = 'connection'
  and runs.connection_revision <> connections.revision`

const circuitIsChanged = `connections.id = circuits.connection_id
  and circuits.connection_revision <> connections.revision`

/** Returns the number of resumed runs. */
export async function resumeChanged(pool: pg.Pool, queue: Queue): Promise<number> {
  const client = queryable(pool)
  let all = 0
  for (let last = 1; last > 0 && (await isAnyChanged(client)); all += last) {
    last = await inTransaction(pool, async (transaction) => {
      const resumed = await resumeParked(transaction, queue)
      return resumed + (await closeCircuits(transaction, queue))
    })
  }
  return all
}

async function isAnyChanged(client: Queryable): Promise<boolean> {
  const { rows } = await client.query<{ changed: boolean }>(
    `select exists (select from connections join runs on runs.connection_id = connections.id where ${isChanged})
       or exists (select from connections, circuits where ${circuitIsChanged}) as changed`,
  )
  return rows[0]?.changed === true
}

async function resumeParked(client: Transaction, queue: Queue): Promise<number> {
  const resumed = await resumeRuns(client, {
    where: `runs.id = any (array(
      select runs.id from connections join runs on runs.connection_id = connections.id
      where ${isChanged} order by runs.id limit $3 for no key update of runs
    ))`,
    values: [batchSize],
    because: 'resumed',
  })
  await queue.send(client, resumed)
  return resumed.length
}

/** A destination that kept failing may work with the new settings. */
async function closeCircuits(client: Transaction, queue: Queue): Promise<number> {
  const { rows } = await client.query<{ id: ConnectionId }>(
    `delete from circuits using connections where ${circuitIsChanged} returning connections.id`,
  )
  return rows.length === 0
    ? 0
    : wakeFailing(
        client,
        queue,
        rows.map(({ id }) => id),
      )
}
