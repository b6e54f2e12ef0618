/** `ensure`: an effect in the outside world, made at most once. The engine's side is runs/ensure.ts. */
/** `make` answers this when the destination says that the thing is already there: we look again instead of failing. */
export const alreadyExists = Symbol('already exists')

export interface Made {
  /** The id in the destination. */
  readonly id: string
}

export interface Effect {
  /** What it is, as people see it in the timeline: "Employee in HiBob". Stable: renaming it is a migration. */
  readonly title: string
  /** The kind of thing, such as `employee`; unique with `key` for one connection. */
  readonly kind: string
  /** What makes it one thing: an e-mail, a remote id. Stored as a keyed hash only. Compared trimmed, NFC, lower case. */
  readonly key: string
  /** For how long, in seconds, a read of the destination may miss a write that it has accepted. */
  readonly readLagSeconds: number
  /** Looks in the outside world. Two matches, or one that must not be adopted: throw `NeedsPerson`. */
  readonly find: () => Promise<Made | undefined>
  /**
   * Optional: what the first `find` would answer, where this attempt knows it without a call. Used only while no call to make it was
   * ever announced; from then on `find` is asked.
   */
  readonly firstFind?: { readonly found: Made | undefined } | undefined
  /**
   * Only for what the handler returns as its `record`, and optional: looks for the one of this id; undefined when there is none.
   * `on_record`: the ledger or a comment on the application says that it was made for this person, maybe for another application,
   * and what `find` goes by may have changed since. Anybody can have written the comment, and the id may be another destination's:
   * throw `NeedsPerson` when it may be somebody else's, or theirs no more. `by_person`: somebody has decided that it is theirs, so
   * only whether it is there counts.
   */
  readonly findById?: (id: string, named: 'on_record' | 'by_person') => Promise<Made | undefined>
  /**
   * Optional. Nothing was found, and it is about to be made: throw `NeedsPerson` when only a person can say that there is none.
   * Not asked when one has said it.
   */
  readonly mayMake?: () => void
  /** Makes it. Called only when `find` saw nothing and no earlier try may still turn up. */
  readonly make: () => Promise<Made | typeof alreadyExists>
}

export interface Existing extends Made {
  /** `found`: it was there. `created`: we made it. `adopted`: we made it, the answer was lost, and we found it. */
  readonly how: 'found' | 'created' | 'adopted'
  /**
   * True when the destination has answered `make` in this very attempt: nothing that belongs to it can be there yet. A later attempt
   * is not told so, although it gets the same `how`.
   */
  readonly madeNow?: boolean
}

/**
 * In a preview only: `find` saw nothing, so a real run would make it now. It has no id, and the destination must not be
 * asked about it: what belongs to it is told by `planned`.
 */
export interface Planned {
  readonly how: 'planned'
  readonly id: undefined
}

export type Ensured = Existing | Planned
