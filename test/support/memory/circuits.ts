/** Circuits in memory: the twin of src/limits/store/circuits.ts. */
import { secondsAfter } from '../../../src/base/clock.ts'
import type { ConnectionId } from '../../../src/base/ids.ts'
import type { CircuitStore } from '../../../src/limits/ports.ts'
import type { MemoryDatabase, StoredCircuit } from './database.ts'
import type { MemoryQueue } from './queue.ts'

export function createMemoryCircuitStore(database: MemoryDatabase, queue: MemoryQueue): CircuitStore {
  const { circuits, connections, clock } = database
  return {
    async open(connection, circuit) {
      const stored = connections.get(connection)
      if (circuits.has(connection) || stored === undefined) return false
      const now = clock.now()
      circuits.set(connection, {
        ...circuit,
        connectionVersion: stored.version,
        probes: 0,
        probeAt: secondsAfter(now, 5),
        comesAt: now,
      })
      return true
    },
    async takeProbe(connection) {
      const circuit = circuits.get(connection)
      if (circuit === undefined) return 'closed'
      const now = clock.now()
      const gap = gapOf(circuit)
      if (circuit.probeAt <= now) {
        circuit.probes += 1
        circuit.probeAt = secondsAfter(now, gap)
        return 'probe'
      }
      const next = Math.max(secondsAfter(circuit.comesAt, gap).getTime(), circuit.probeAt.getTime())
      circuit.comesAt = new Date(Math.min(next, secondsAfter(now, 3600).getTime()))
      return { comeBackAt: circuit.comesAt }
    },
    async close(connection) {
      return circuits.delete(connection) ? wakeFailing(database, queue, [connection]) : undefined
    },
  }
}

/** The first probe comes after 5 seconds, later ones after twice the time before, at most 5 minutes. */
function gapOf({ probes }: StoredCircuit): number {
  return Math.min(300, 5 * 2 ** Math.min(probes, 10))
}

/** Runs that wait because the destination failed go on now. */
export function wakeFailing(
  { runs, clock }: MemoryDatabase,
  queue: MemoryQueue,
  connections: readonly ConnectionId[],
): number {
  const now = clock.now()
  const woken = [...runs.values()].filter(
    (run) =>
      run.state === 'waiting' &&
      connections.includes(run.connection) &&
      run.waitingFor === undefined &&
      run.firstFailedAt !== undefined &&
      run.code !== 'runs.bug' &&
      run.code !== 'runs.outcome_unclear' &&
      run.nextAt !== undefined &&
      run.nextAt > now,
  )
  for (const run of woken) Object.assign(run, { turn: run.turn + 1, nextAt: now, updatedAt: now })
  queue.send(woken.map(({ id, turn, connection }) => ({ run: id, turn, connection })))
  return woken.length
}
