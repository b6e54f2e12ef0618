/** What the doctor has found. */
import type { CheckItem } from '../sdk/check.ts'

export interface Finding extends CheckItem {
  /** The SQL that mends it, where SQL does. */
  readonly repair?: string
  /** Worth knowing, and nothing that keeps the service from working. */
  readonly warning?: true
}
