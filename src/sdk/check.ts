/** The result of a connection check, in words that a people team understands. */

export interface CheckItem {
  readonly ok: boolean
  /** What was checked, such as "Credentials" or "Site". */
  readonly what: string
  /** One sentence: the finding, or the problem and what to do about it. */
  readonly because: string
  /** The YAML that would mend it, with where it belongs. */
  readonly mend?: string
  /** It says nothing of whether the credentials work, so it does not keep a connection paused. */
  readonly aside?: true
}
export type CheckReport = readonly CheckItem[]
