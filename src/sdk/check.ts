/** The answer of a connection check, in words a people team understands. */

export interface CheckItem {
  readonly ok: boolean
  /** What was looked at: "Credentials", "Site". */
  readonly what: string
  /** One sentence: what was found, or what is wrong and what to do. */
  readonly because: string
}
export type CheckReport = readonly CheckItem[]
