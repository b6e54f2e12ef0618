/** A finding of the doctor. */
import type { CheckItem } from '../sdk/check.ts'

export interface Finding extends CheckItem {
  /** The SQL that fixes it, if SQL can. */
  readonly repair?: string
  /** Worth knowing, but the service works. */
  readonly warning?: true
}
