/** What the engine needs of storage. */
import type { LastFailure } from '../base/failure.ts'
import type { ConnectionId, EffectId, RunId } from '../base/ids.ts'
import type { Job } from '../queue/ports.ts'
import type { Existing } from '../sdk/ensure.ts'
import type { ClaimedRun, JournalEntry, Lease, Settlement } from './run.ts'

export interface RunStore {
  /** Undefined when the run is not this job's to start. */
  claim(job: Job, worker: string): Promise<ClaimedRun | undefined>
  /**
   * Ends the try: the run's new state, its history, the follow-up job, the runs it wakes and the end of this job,
   * in one transaction. False when the lease was lost to another worker; then nothing is written.
   */
  settle(lease: Lease, job: Job, settlement: Settlement): Promise<boolean>
  /** From here on this try has its process to itself, and whoever takes the run over is told so. False when the lease was lost. */
  alone(lease: Lease): Promise<boolean>
  /** The worker of these jobs stops in an orderly way: whoever takes their runs over does not count that. */
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
  /** The application that it was made or found for. Undefined: not known any more. */
  readonly madeFor: string | undefined
  /** When that was, or a person freed it: in seconds of the database's clock, and how long ago. */
  readonly madeAt: number | undefined
  readonly madeAgo: number | undefined
  /**
   * How long ago, in seconds by the database's clock when the row was held, the last call to make it was sent whose
   * outcome is not known to be "not made". An age, so that machines whose clocks differ agree on it.
   */
  readonly attemptedAgo: number | undefined
  /** Whether a call to make it was ever announced, however long ago and whatever became of it. */
  readonly announced: boolean
  /** How many calls to make it had no clear "no", within 72 hours and since the run was resumed last. */
  readonly makes: number
  /** How the last of them failed, where somebody lived to tell. */
  readonly last: LastFailure | undefined
  /** How long ago, likewise, the destination said that it exists although we could not see it. Forgotten when the run is resumed. */
  readonly existsAgo: number | undefined
  /** Of a row that is not done: what the application has under another key. */
  readonly elsewhere: Elsewhere | undefined
}

/** What an application has in the ledger under a key that has changed since: a record, or a call of which nobody knows whether it made one. */
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
  /** What the run's timeline says of it, written in the same commit. */
  readonly line?: JournalStep | undefined
}

/** Every method that writes throws `LeaseLost` when the run has been taken over. */
export interface Ledger {
  /**
   * Inserts or takes the row, committed; or names the unfinished run that is on it, or on another row of the application. Whoever is
   * told so is on no row of the application. What is done is told to everybody.
   */
  hold(lease: Lease, effect: EffectName): Promise<LedgerRow | { readonly heldBy: RunId }>
  /** Committed before `make` is called: from now on its outcome is unclear until it is known. */
  attempt(lease: Lease, effect: EffectId): Promise<void>
  /** The destination said clearly that nothing was made. */
  notMade(lease: Lease, effect: EffectId): Promise<void>
  /** Nobody knows whether it was made; this is why. */
  unclear(lease: Lease, effect: EffectId, why: LastFailure): Promise<void>
  /** The destination said that it is already there. */
  exists(lease: Lease, effect: EffectId): Promise<void>
  /** Also a row that another run has done, where the run's decision is about that. */
  done(lease: Lease, effect: EffectId, ensured: Ensured): Promise<void>
  /**
   * The run's decision says that a new one is made: what was done is forgotten, and the row is this run's. A call
   * that may be under way is not forgotten.
   */
  free(lease: Lease, effect: EffectId): Promise<void>
}

/** This worker's claim on the run is gone: another one has it. Everything it does from here on must have no effect. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost'
}
