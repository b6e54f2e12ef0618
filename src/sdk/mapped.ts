/** What an integration says of the fields that a mapping can fill, and what it is given of a hire. */
import type { Json } from '../base/json.ts'
import type { Gap, MappedValue } from '../mapping/evaluate.ts'
import type { Target } from '../mapping/target.ts'

export interface MappedFields<Settings> {
  readonly targets: readonly Target[]
  /** Whether a field that is not among them may be one that a customer has added in the destination. */
  readonly accepts?: (target: string) => boolean
  /** What it does by itself with these settings, as a mapping: for targets that a connection does not map. */
  readonly defaults: (settings: Settings) => Readonly<Record<string, Json>>
  /** Target → names of settings that decide it as well. */
  readonly decidedBy?: Readonly<Record<string, readonly string[]>>
}

export interface Mapped {
  /** Of the connection's mapping. */
  readonly version: number
  readonly values: ReadonlyMap<string, MappedValue>
  /** All of them; those that `park` keep the run from going on. */
  readonly gaps: readonly Gap[]
}
