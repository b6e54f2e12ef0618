/** The storage that the engine needs. */
import type { LastFailure } from '../base/failure.ts'
import type { ConnectionId, EffectId, RunId } from '../base/ids.ts'
import type { Job } from '../queue/ports.ts'
import type { Existing } from '../sdk/ensure.ts'
import type { ClaimedRun, JournalEntry, Lease, Settlement } from './run.ts'

export interface RunStore {
  /** Undefined when this job may not start the run. */
  claim(job: Job, worker: string): Promise<ClaimedRun | undefined>
  /**
   * Ends the attempt: the run's new state, its history, its next job, the runs it wakes and the end of this job,
   * in one transaction. False when the lease was lost to another worker; then nothing is written.
   */
  settle(lease: Lease, job: Job, settlement: Settlement): Promise<boolean>
  /** From now on this attempt has its process to itself, and a takeover finds that recorded. False when the lease was lost. */
  alone(lease: Lease): Promise<boolean>
  /** The worker of these jobs is shutting down cleanly, so the takeovers of their runs are not counted. */
  letGo(jobs: readonly Job[]): Promise<void>
}

export interface Journal {
  write(lease: Lease, step: JournalStep): Promise<void>
}

export interface JournalStep extends JournalEntry {
  readonly title: string
  readonly remoteId: string | undefined
  readonly attempt: number
  readonly startedAt: Date
}

/** One row of the ledger. */
export interface LedgerRow {
  readonly id: EffectId
  readonly state: 'intended' | 'done'
  readonly how: Existing['how'] | undefined
  readonly remoteId: string | undefined
  readonly madeBy: RunId | undefined
  /** The application for which it was made or found. Undefined: no longer known. */
  readonly madeFor: string | undefined
  /** When it was made, or freed by a person: in seconds of the database's clock, and how long ago. */
  readonly madeAt: number | undefined
  readonly madeAgo: number | undefined
  /**
   * How many seconds ago, by the database's clock when the row was held, the last call to make it was sent whose
   * outcome is not known to be "not made". An age, so that machines whose clocks differ agree on it.
   */
  readonly attemptedAgo: number | undefined
  /** Whether a call to make it was ever announced, however long ago and whatever its outcome. */
  readonly announced: boolean
  /** How many calls to make it had no clear "no", within 72 hours and since the run was resumed last. */
  readonly makes: number
  /** How the last of these calls failed, unless its process died first. */
  readonly last: LastFailure | undefined
  /** How long ago, likewise, the destination said that it exists although no search found it. Forgotten when the run is resumed. */
  readonly existsAgo: number | undefined
  /** For a row that is not done: what the application has under another key. */
  readonly elsewhere: Elsewhere | undefined
}

/** What an application has in the ledger under an earlier key: a record, or a call with an unclear outcome. */
export interface Elsewhere {
  readonly record: Existing | undefined
  /** When it was made or the call was sent, in seconds of the database's clock, and how long ago. */
  readonly at: number
  readonly ago: number
}

export interface EffectName {
  readonly connection: ConnectionId
  readonly kind: string
  readonly key: string
  readonly title: string
  /** The application at hand, where it has one of this kind at most, whatever the key. */
  readonly application?: string | undefined
}

export interface Ensured extends Existing {
  /** Its step in the run's journal, written in the same commit. */
  readonly line?: JournalStep | undefined
}

/** Every method that writes throws `LeaseLost` if the run has been taken over. */
export interface Ledger {
  /**
   * Inserts or takes the row, committed; or returns the unfinished run that holds it or another row of the application, and then
   * holds no row of the application. A row that is done is returned to every run.
   */
  hold(lease: Lease, effect: EffectName): Promise<LedgerRow | { readonly heldBy: RunId }>
  /** Committed before `make` is called: from now on the outcome is unclear until it is known. */
  attempt(lease: Lease, effect: EffectId): Promise<void>
  /** The destination said clearly that nothing was made. */
  notMade(lease: Lease, effect: EffectId): Promise<void>
  /** The outcome of the call is unclear; this is why. */
  unclear(lease: Lease, effect: EffectId, why: LastFailure): Promise<void>
  /** The destination said that it is already there. */
  exists(lease: Lease, effect: EffectId): Promise<void>
  /** Also for a row that another run has completed, if this run's decision is about that record. */
  done(lease: Lease, effect: EffectId, ensured: Ensured): Promise<void>
  /**
   * The run's decision says that a new one is made: the completed effect is forgotten, and the row becomes this run's. A call
   * that may be under way is not forgotten.
   */
  free(lease: Lease, effect: EffectId): Promise<void>
}

/** This worker's claim on the run is gone: another worker has it. Nothing that it does from now on may have an effect. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost'
}
