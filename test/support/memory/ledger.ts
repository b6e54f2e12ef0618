/** The ledger in memory: the twin of src/store/ledger.ts, held to the same contract (test/contracts/stores/ledger-suite.ts). */
import type { Clock } from '../../../src/base/clock.ts'
import type { EffectId, RunId } from '../../../src/base/ids.ts'
import {
  type EffectName,
  type JournalStep,
  LeaseLost,
  type Ledger,
  type LedgerRow,
} from '../../../src/runs/ports.ts'
import type { Lease, RunState } from '../../../src/runs/run.ts'
import type { Existing } from '../../../src/sdk/ensure.ts'

/** What the ledger reads of the runs beside it. */
export interface RunsBeside {
  state(run: RunId): RunState | undefined
  /** Whether this worker is still the one that is on its run. */
  holds(lease: Lease): boolean
  /** Writes a line of the run's timeline. */
  readonly tell?: (lease: Lease, line: JournalStep) => void
}

/** One row, as stored: instants in milliseconds. */
export interface StoredEffect {
  readonly id: EffectId
  state: 'intended' | 'done'
  holder: RunId
  madeBy?: RunId
  ensured?: Existing
  attemptedAt?: number | undefined
  existsAt?: number
}

export interface MemoryLedger extends Ledger {
  readonly rows: ReadonlyMap<string, StoredEffect>
}

export function createMemoryLedger(clock: Clock, runs: RunsBeside): MemoryLedger {
  const rows = new Map<string, StoredEffect>()
  const now = () => clock.now().getTime()

  const assertLease = (lease: Lease) => {
    if (!runs.holds(lease)) throw new LeaseLost()
  }
  const change = async (lease: Lease, id: EffectId, apply: (row: StoredEffect) => void) => {
    assertLease(lease)
    const row = [...rows.values()].find((one) => one.id === id && one.holder === lease.run)
    if (row === undefined) throw new LeaseLost()
    apply(row)
  }
  return {
    rows,
    async hold(lease, name) {
      assertLease(lease)
      const key = keyOf(name)
      const row = rows.get(key) ?? add(rows, key, lease.run)
      if (row.state === 'done') return shown(row, now())
      const holder = runs.state(row.holder)
      const busy = holder === 'queued' || holder === 'running' || holder === 'waiting'
      if (row.holder !== lease.run && busy) return { heldBy: row.holder }
      row.holder = lease.run
      return shown(row, now())
    },
    attempt: (lease, id) => change(lease, id, (row) => (row.attemptedAt = now())),
    notMade: (lease, id) => change(lease, id, (row) => (row.attemptedAt = undefined)),
    exists: (lease, id) =>
      change(lease, id, (row) => {
        row.existsAt = now()
        row.attemptedAt = undefined
      }),
    done: (lease, id, { line, ...ensured }) =>
      change(lease, id, (row) => {
        if (line !== undefined) runs.tell?.(lease, line)
        row.state = 'done'
        row.ensured = ensured
        row.madeBy = lease.run
      }),
  }
}

function add(rows: Map<string, StoredEffect>, key: string, holder: RunId): StoredEffect {
  const row: StoredEffect = { id: `eff_${rows.size + 1}` as EffectId, state: 'intended', holder }
  rows.set(key, row)
  return row
}

function keyOf({ connection, kind, key }: EffectName): string {
  return JSON.stringify([connection, kind, key.trim().normalize('NFC').toLowerCase()])
}

function shown(row: StoredEffect, now: number): LedgerRow {
  const ago = (instant: number | undefined) => (instant === undefined ? undefined : (now - instant) / 1000)
  return {
    id: row.id,
    state: row.state,
    how: row.ensured?.how,
    remoteId: row.ensured?.id,
    madeBy: row.madeBy,
    attemptedAgo: ago(row.attemptedAt),
    existsAgo: ago(row.existsAt),
  }
}
