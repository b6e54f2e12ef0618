/** What an integration says of the fields that a mapping can fill, and what it is given of a hire. */
import type { Json } from '../base/json.ts'
import type { SettingsOfParts } from '../mapping/against.ts'
import type { ReadyValue } from '../mapping/check.ts'
import type { Gap } from '../mapping/evaluate.ts'
import type { Target } from '../mapping/target.ts'

export interface MappedFields<Settings> {
  readonly targets: readonly Target[]
  /** Whether a field that is not among them may be one that the destination has: what a customer has added, or what is new there. */
  readonly accepts?: (target: string) => boolean
  /** Of these, one that the destination has without naming it among its fields, whatever the customer calls it: with `unlisted`. */
  readonly unlisted?: (target: string) => Target | undefined
  /** What it does by itself with these settings, as a mapping: for targets that a connection does not map. */
  readonly defaults: (settings: Settings) => Readonly<Record<string, Json>>
  /** Target → names of settings that decide it as well. */
  readonly decidedBy?: Readonly<Record<string, readonly string[]>>
  /** Target → part of its default → the setting that says it: what is wrong there is told in the words of the setting. */
  readonly settingsOf?: SettingsOfParts
}

/** What a run would do with a mapped field where its value alone does not say it: a row that is whole or not at all, a person who has to be found. */
export interface FieldOutcome {
  readonly target: string
  /** Of a person whom the destination has to have. Not found is a `problem`. */
  readonly person?: PersonSearch
  /** Why it would not be sent. */
  readonly problem?: Gap
}

export type PersonSearch =
  | { readonly state: 'found' }
  /** The destination could not be asked: a sentence says why. */
  | { readonly state: 'unknown'; readonly reason: string }

/** What the mapping makes of a hire. */
export interface MappedHire {
  readonly values: ReadonlyMap<string, ReadyValue>
  /** All of them; those that `park` keep the run from going on. */
  readonly gaps: readonly Gap[]
}

/** Checked against the fields that the integration declares. */
export interface Mapped extends MappedHire {
  /** Of the connection's mapping. */
  readonly version: number
  /** The same, checked against the fields and lists that the destination has now: all those that the hire may fill. */
  readonly against: (fields: readonly Target[]) => MappedHire
}
