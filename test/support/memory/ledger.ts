/** The ledger in memory: the twin of src/effects/store/ledger.ts, held to the same contract (test/contracts/stores/ledger-suite.ts). */
import type { Clock } from '../../../src/base/clock.ts'
import type { LastFailure } from '../../../src/base/failure.ts'
import type { ConnectionId, EffectId, RunId } from '../../../src/base/ids.ts'
import {
  type EffectName,
  type Elsewhere,
  type JournalStep,
  LeaseLost,
  type Ledger,
  type LedgerRow,
} from '../../../src/runs/ports.ts'
import { giveUpAfterSeconds } from '../../../src/runs/retry-policy.ts'
import { isActive, type Lease, type RunState } from '../../../src/runs/run.ts'
import type { Existing } from '../../../src/sdk/ensure.ts'

/** What the ledger reads of the runs beside it. */
export interface RunsBeside {
  state(run: RunId): RunState | undefined
  /** Whether this worker is still the one that is on its run. */
  holds(lease: Lease): boolean
  /** When a person or a change resumed it last. */
  readonly resumedAt?: (run: RunId) => Date | undefined
  /** The application that a run is about. */
  readonly subject?: (run: RunId) => string | undefined
  /** When the run had parked of which a person has decided. */
  readonly decisionBefore?: (run: RunId) => Date | undefined
  /** Writes a line of the run's timeline. */
  readonly tell?: (lease: Lease, line: JournalStep, mappingVersion: number | undefined) => void
}

/** One row, as stored: instants in milliseconds. */
export interface StoredEffect {
  readonly id: EffectId
  readonly connection: ConnectionId
  readonly kind: string
  state: 'intended' | 'done'
  holder: RunId | undefined
  madeBy?: RunId
  ensured?: Existing
  attemptedAt?: number | undefined
  existsAt?: number
  makes: number
  makesSince?: number
  last?: LastFailure
  madeFor?: string | undefined
  madeAt?: number
  mappingVersion?: number | undefined
}

export interface MemoryLedger extends Ledger {
  readonly rows: ReadonlyMap<string, StoredEffect>
}

export function createMemoryLedger(clock: Clock, runs: RunsBeside): MemoryLedger {
  const rows = new Map<string, StoredEffect>()
  const now = () => clock.now().getTime()
  const resumedAt = (run: RunId) => runs.resumedAt?.(run)?.getTime() ?? -Infinity

  const isBusy = ({ state, holder }: StoredEffect) => {
    const of = holder === undefined ? undefined : runs.state(holder)
    return state === 'intended' && of !== undefined && isActive(of)
  }

  const assertLease = (lease: Lease) => {
    if (!runs.holds(lease)) throw new LeaseLost()
  }
  const change = async (lease: Lease, id: EffectId, apply: (row: StoredEffect) => void) => {
    assertLease(lease)
    const row = [...rows.values()].find((one) => one.id === id && one.holder === lease.run)
    if (row === undefined) throw new LeaseLost()
    apply(row)
  }
  /** Also a row that is done, where a person has decided of that. */
  const take = async (lease: Lease, id: EffectId, apply: (row: StoredEffect) => void) => {
    assertLease(lease)
    const row = [...rows.values()].find((one) => one.id === id)
    const before = runs.decisionBefore?.(lease.run)?.getTime() ?? -Infinity
    const free = row?.state === 'done' && before > (row.madeAt ?? 0)
    if (row === undefined || (row.holder !== lease.run && !free)) throw new LeaseLost()
    apply(row)
    Object.assign(row, { holder: lease.run, madeAt: now() })
    if (row.madeFor !== undefined) row.madeFor = runs.subject?.(lease.run)
  }
  return {
    rows,
    async hold(lease, name) {
      assertLease(lease)
      const key = keyOf(name)
      const there = rows.get(key)
      if (there?.state === 'done') return shown(there, now(), { resumedAt: -Infinity })
      const own = [...rows.values()].filter((row) => isOf(row, name))
      const others = own.filter((row) => row !== there)
      const busy = others.find((row) => row.holder !== lease.run && isBusy(row))?.holder
      if (busy !== undefined) {
        for (const row of own)
          if (row.state === 'intended' && row.holder === lease.run) row.holder = undefined
        return { heldBy: busy }
      }
      const row = there ?? add(rows, key, { ...name, holder: lease.run })
      if (row.holder !== undefined && row.holder !== lease.run && isBusy(row)) return { heldBy: row.holder }
      row.holder = lease.run
      if (row.attemptedAt === undefined || row.madeFor === undefined) row.madeFor = name.application
      return shown(row, now(), { resumedAt: resumedAt(lease.run), elsewhere: elsewhereIn(others, now()) })
    },
    attempt: (lease, id) =>
      change(lease, id, (row) => {
        const counts = isCounted(row, now(), resumedAt(lease.run))
        row.makes = 1 + (counts ? row.makes : 0)
        if (!counts) row.makesSince = Math.max(now(), resumedAt(lease.run) + 1)
        row.attemptedAt = now()
        row.mappingVersion = lease.mappingVersion
        if (row.madeFor !== undefined) row.madeFor = runs.subject?.(lease.run)
      }),
    notMade: (lease, id) =>
      change(lease, id, (row) => {
        if (row.attemptedAt !== undefined) row.makes = Math.max(0, row.makes - 1)
        row.attemptedAt = undefined
        row.mappingVersion = undefined
      }),
    unclear: (lease, id, { code, message }) => change(lease, id, (row) => (row.last = { code, message })),
    exists: (lease, id) =>
      change(lease, id, (row) => {
        row.existsAt = now()
        row.attemptedAt = undefined
      }),
    done: (lease, id, { line, ...ensured }) =>
      take(lease, id, (row) => {
        if (ensured.how === 'found') row.mappingVersion = undefined
        if (line !== undefined) runs.tell?.(lease, line, row.mappingVersion)
        row.state = 'done'
        row.ensured = ensured
        row.madeBy = lease.run
      }),
    free: (lease, id) =>
      take(lease, id, (row) => {
        if (row.state === 'done') Object.assign(row, { attemptedAt: undefined, mappingVersion: undefined })
        Object.assign(row, { state: 'intended', ensured: undefined, madeBy: undefined })
      }),
  }
}

function add(
  rows: Map<string, StoredEffect>,
  key: string,
  { connection, kind, holder }: Pick<StoredEffect, 'connection' | 'kind' | 'holder'>,
): StoredEffect {
  const id = `eff_${rows.size + 1}` as EffectId
  const row: StoredEffect = { id, connection, kind, state: 'intended', holder, makes: 0 }
  rows.set(key, row)
  return row
}

function isOf(
  { connection, kind, madeFor }: StoredEffect,
  { application, ...name }: Pick<EffectName, 'connection' | 'kind' | 'application'>,
): boolean {
  return (
    application !== undefined &&
    madeFor === application &&
    connection === name.connection &&
    kind === name.kind
  )
}

/** The last that was made, or may have been. */
function elsewhereIn(others: readonly StoredEffect[], now: number): Elsewhere | undefined {
  const [last] = others
    .flatMap(({ state, ensured, madeAt, attemptedAt }) => {
      const at = state === 'done' ? madeAt : attemptedAt
      return at === undefined ? [] : [{ record: ensured, at: at / 1000, ago: (now - at) / 1000 }]
    })
    .toSorted((one, other) => other.at - one.at)
  return last
}

function keyOf({ connection, kind, key }: EffectName): string {
  return JSON.stringify([connection, kind, key.trim().normalize('NFC').toLowerCase()])
}

/** What was counted before the run was resumed, or long ago, is forgotten. */
function isCounted({ makesSince = -Infinity }: StoredEffect, now: number, resumedAt: number): boolean {
  return makesSince > Math.max(resumedAt, now - giveUpAfterSeconds * 1000)
}

function shown(
  row: StoredEffect,
  now: number,
  { resumedAt, elsewhere }: { readonly resumedAt: number; readonly elsewhere?: Elsewhere | undefined },
): LedgerRow {
  const makes = isCounted(row, now, resumedAt) ? row.makes : 0
  const ago = (instant: number | undefined) => (instant === undefined ? undefined : (now - instant) / 1000)
  return {
    id: row.id,
    state: row.state,
    how: row.ensured?.how,
    remoteId: row.ensured?.id,
    madeBy: row.madeBy,
    attemptedAgo: ago(row.attemptedAt),
    announced: (row.attemptedAt ?? row.makesSince) !== undefined,
    makes,
    last: makes === 0 ? undefined : row.last,
    existsAgo: ago(row.existsAt !== undefined && row.existsAt > resumedAt ? row.existsAt : undefined),
    madeFor: row.madeFor,
    madeAt: row.madeAt === undefined ? undefined : row.madeAt / 1000,
    madeAgo: ago(row.madeAt),
    elsewhere,
  }
}
