/** `ensure`: an effect in the outside world, made at most once. The engine's side is effects/ensure.ts. */
import type { Failure } from '../base/failure.ts'

/** The result of `make` when the destination says that the thing already exists: `find` is then called again instead of failing. */
export const alreadyExists = Symbol('already exists')

/** The result of `make` when the destination has clearly refused, and the next call of `make` would send something else. */
export interface RefusedThisWay {
  /** What the run fails with if no further call may follow. */
  readonly refused: Failure
}

/**
 * The result of `find` when nothing is known to be theirs, and what somebody else has keeps it from being made: a login that is taken.
 * The run fails with it unless the ledger or a comment on the application knows their record. Nothing is made.
 */
export interface Occupied {
  readonly occupied: Failure
}

export interface Made {
  /** The id in the destination. */
  readonly id: string
}

export interface Effect {
  /** Its name in the timeline: "Employee in HiBob". Stable: renaming it is a migration. */
  readonly title: string
  /** The kind of thing, such as `employee`; unique with `key` for one connection. */
  readonly kind: string
  /** What identifies it: an e-mail, a remote id. Stored as a keyed hash only. Compared trimmed, NFC, lower case. */
  readonly key: string
  /** Seconds for which a read of the destination may miss a write that it has accepted. */
  readonly readLagSeconds: number
  /** Searches the destination; undefined when there is none. Throw `NeedsPerson` for two matches, or one that must not be adopted. */
  readonly find: () => Promise<Made | Occupied | undefined>
  /**
   * Optional: the answer of the first `find`, if this attempt knows it without a call. Used only if no call of `make` was ever
   * announced; otherwise `find` is called.
   */
  readonly firstFind?: { readonly found: Made | undefined } | undefined
  /**
   * Optional, and only for the effect that the handler returns as `record`: finds the record with this id; undefined when there is none.
   * `on_record`: the ledger or a comment on the application says that it was made for this person, maybe for another application,
   * and what `find` searches by may have changed since. Anybody can write a comment, and the id may belong to another destination:
   * throw `NeedsPerson` when the record may be somebody else's. `by_person`: a person has decided that it is theirs, so
   * only its existence counts.
   */
  readonly findById?: (id: string, named: 'on_record' | 'by_person') => Promise<Made | undefined>
  /**
   * Optional. Called when nothing was found, before `make`: throw `NeedsPerson` when only a person can decide that there is none.
   * Not called once a person has decided that.
   */
  readonly mayMake?: () => void
  /**
   * Makes it with one call. Called only when `find` found nothing and no earlier attempt's call may still have its effect. After
   * `refused`, `find` is called and then `make` again, at most twice in an attempt.
   */
  readonly make: () => Promise<Made | typeof alreadyExists | RefusedThisWay>
}

export interface Existing extends Made {
  /** `found`: it existed before. `created`: we made it. `adopted`: we made it, the answer was lost, and we found it. */
  readonly how: 'found' | 'created' | 'adopted'
  /**
   * True when the destination answered `make` in this very attempt, so nothing that belongs to it can exist yet. Later attempts get
   * the same `how` without this.
   */
  readonly madeNow?: boolean
  /** True for what was `found` and was made by an earlier run of the same application. */
  readonly madeEarlier?: boolean
  /**
   * True when this run has not made it and only an id on record led to it: in a comment, in Pinpoint, in the ledger under another key.
   * Later attempts of the run get the same.
   */
  readonly knownById?: boolean
}

/**
 * In a preview only: `find` found nothing, so a real run would make it now. It has no id, and the destination must not be
 * asked about it. Report what belongs to it with `planned`.
 */
export interface Planned {
  readonly how: 'planned'
  readonly id: undefined
}

export type Ensured = Existing | Planned
