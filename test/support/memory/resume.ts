/** Runs that go on since something has changed: the twin of src/runs/store/resume.ts. */
import type { ConnectionId } from '../../../src/base/ids.ts'
import { resumedText, type Resumption } from '../../../src/operator/operate.ts'
import { wakeFailing } from './circuits.ts'
import { addHistory, type MemoryDatabase, type StoredRun } from './database.ts'
import type { MemoryQueue } from './queue.ts'

interface Into {
  readonly database: MemoryDatabase
  readonly queue: MemoryQueue
}

export function requeue(
  { database, queue }: Into,
  runs: readonly StoredRun[],
  resumption?: Resumption,
): void {
  for (const run of runs) putBack(database, run, resumption)
  queue.send(runs.map(({ id, turn, connection }) => ({ run: id, turn, connection })))
}

export function parkedUntilChanged(
  { runs, connections }: MemoryDatabase,
  changed: readonly ConnectionId[],
): readonly StoredRun[] {
  return [...runs.values()].filter(
    ({ state, resumesOn, connection }) =>
      state === 'parked' &&
      resumesOn === 'connection' &&
      changed.includes(connection) &&
      connections.has(connection),
  )
}

/** The twin of src/parking/store/changed-connections.ts. */
export async function resumeChanged(into: Into): Promise<number> {
  const { database, queue } = into
  const { runs, connections, circuits } = database
  const ready = [...connections.values()].filter(({ enabled, paused }) => enabled && paused === undefined)
  const versions = new Map(ready.map(({ id, version }) => [id, version]))
  const parked = [...runs.values()].filter(
    ({ state, resumesOn, connection, connectionVersion }) =>
      state === 'parked' &&
      resumesOn === 'connection' &&
      versions.has(connection) &&
      versions.get(connection) !== connectionVersion,
  )
  requeue(into, parked)
  // What kept failing may answer now that something has changed.
  const closed = [...circuits]
    .filter(([id, { connectionVersion }]) => connections.get(id)?.version !== connectionVersion)
    .map(([id]) => id)
  for (const id of closed) circuits.delete(id)
  return parked.length + (closed.length === 0 ? 0 : wakeFailing(database, queue, closed))
}

/** Clears what the last try left behind: the retry budget starts anew, since something has changed. */
function putBack(database: MemoryDatabase, run: StoredRun, resumption?: Resumption): void {
  if (resumption?.decision !== undefined)
    run.decision = { of: resumption, at: database.clock.now(), before: run.updatedAt }
  const cleared = ['code', 'reason', 'fix', 'resumesOn', 'nextAt', 'waitingFor', 'firstFailedAt'] as const
  for (const field of cleared) run[field] = undefined
  const now = database.clock.now()
  const anew = { failures: 0, takeovers: 0, updatedAt: now, resumedAt: now }
  Object.assign(run, { ...anew, state: 'queued', turn: run.turn + 1 })
  addHistory(database, run, resumedText(resumption))
}
