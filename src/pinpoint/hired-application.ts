/** A hired application as integrations see it: what the API told us, made lenient at the edge. Ids are strings. */

export interface Attachment {
  /** `pdf_cv`, `cv`, … */
  readonly context: string
  readonly filename: string
  /**
   * A bearer secret to personal data: never logged, fetched without the API key, asked for afresh at each try.
   * Undefined while Pinpoint has no file for it.
   */
  readonly url: string | undefined
}

/** Somebody who works with Pinpoint, such as a hiring manager. */
export interface PinpointUser {
  readonly firstName: string | undefined
  readonly lastName: string | undefined
  readonly email: string | undefined
}

export interface Salary {
  readonly amount: string | undefined
  readonly currency: string | undefined
  readonly period: string | undefined
}

export interface Address {
  readonly line1: string | undefined
  readonly line2: string | undefined
  readonly town: string | undefined
  readonly postcode: string | undefined
  readonly state: string | undefined
  /** A name, such as "Jersey". */
  readonly country: string | undefined
  readonly countryCode: string | undefined
}

export interface Onboarding {
  /** With time and offset, as written. */
  readonly startAt: string | undefined
  /** Question to answer. */
  readonly answers: CustomAttributes
}

/** Field name to value, as strings. */
export type CustomAttributes = Readonly<Record<string, string>>

export interface Offer {
  readonly id: string
  readonly result: string | undefined
  readonly resultAt: string | undefined
  readonly jobTitle: string | undefined
  /** `YYYY-MM-DD` as written; never turned into a Date. */
  readonly startOn: string | undefined
  readonly salary?: Salary | undefined
  /** This and the custom attributes come along only when they are asked for. */
  readonly manager?: PinpointUser | undefined
  readonly customAttributes?: CustomAttributes | undefined
}

export interface Job {
  readonly id: string
  readonly title: string | undefined
  readonly visibility: string | undefined
  readonly location: string | undefined
  readonly department: string | undefined
  readonly employmentType?: string | undefined
  readonly workplaceType?: string | undefined
  /** This and what follows come along only when they are asked for. */
  readonly division?: string | undefined
  readonly hiringManager?: PinpointUser | undefined
  readonly customAttributes?: CustomAttributes | undefined
  /** What was left out because the answer was too large. */
  readonly cut?: readonly string[]
}

export interface HiredApplication {
  readonly id: string
  readonly firstName: string | undefined
  readonly middleName?: string | undefined
  readonly lastName: string | undefined
  /** What they want to be called. */
  readonly preferredName?: string | undefined
  /** As the candidate wrote it, without what cannot be seen; undefined when absent. */
  readonly email: string | undefined
  readonly phone: string | undefined
  /** The country of the phone number: two letters. */
  readonly phoneCountry?: string | undefined
  readonly address?: Address | undefined
  readonly linkedinUrl?: string | undefined
  /** `YYYY-MM-DD` as written. */
  readonly startOn: string | undefined
  readonly hiredAt: string | undefined
  readonly rejectedAt: string | undefined
  readonly updatedAt: string | undefined
  readonly concealed: boolean
  readonly internalCandidate: boolean
  /** Invented by Pinpoint to try things with; it often has neither a start date nor a moment of the hire. */
  readonly isDemo: boolean
  readonly jobId: string | undefined
  /** `hired`, `offer`, …; undefined when Pinpoint did not say. */
  readonly stageType: string | undefined
  readonly attachments: readonly Attachment[]
  /** What was left out, of the job too, because Pinpoint's answer was too large with it. */
  readonly cut?: readonly string[]
  /** Undefined when Pinpoint did not include them, which is not the same as none. */
  readonly offers: readonly Offer[] | undefined
  readonly customAttributes: CustomAttributes
  /** This and the attributes of the candidate come along only when they are asked for. */
  readonly onboarding?: Onboarding | undefined
  readonly candidateAttributes?: CustomAttributes | undefined
  /** With location and department only where Pinpoint showed the job itself; title and visibility come along anyway. */
  readonly job: Job | undefined
  /** The status that Pinpoint answered instead of showing the job: where the job is needed, this says why it is not known. */
  readonly jobRefused?: number
}
