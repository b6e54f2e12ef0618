/** What is kept of who was hired: enough to name a person and to find them, and nothing that a run works with. */
import { foldedWords } from '../base/plain-text.ts'
import type { HiredApplication } from '../pinpoint/hired-application.ts'

/** Null where Pinpoint does not say. */
export interface HireDetails {
  readonly name: string | null
  readonly email: string | null
  readonly jobTitle: string | null
}

/** As an attempt has read it. */
export interface SeenHire {
  readonly details: HireDetails
  /** Folded, of all names: whichever one is typed leads to the person. */
  readonly nameParts: readonly string[]
  readonly readAt: Date
}

/** Undefined where there is nobody to name: Pinpoint conceals the candidate, or gives neither name nor e-mail. */
export function seenHire(application: HiredApplication, readAt: Date): SeenHire | undefined {
  const { concealed, firstName, middleName, lastName, preferredName, email = null, job } = application
  const name = [firstName, lastName].filter((part) => part !== undefined).join(' ') || null
  if (concealed || (name === null && email === null)) return undefined
  const names = [firstName, middleName, lastName, preferredName].filter((part) => part !== undefined)
  return {
    details: { name, email, jobTitle: job?.title ?? null },
    nameParts: [...new Set(names.flatMap(foldedWords))],
    readAt,
  }
}
