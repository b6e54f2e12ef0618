/** A hired application as integrations see it. Ids are strings; what Pinpoint does not say is undefined. */

export interface Attachment {
  /** `pdf_cv`, `cv`, … */
  readonly context: string
  readonly filename: string
  /**
   * A pre-signed link to personal data: never logged, fetched without the API key, and requested again for each attempt.
   * Undefined while Pinpoint has no file.
   */
  readonly url: string | undefined
}

/** A user of Pinpoint, such as a hiring manager. */
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
  /** The name of the country, such as "Jersey". */
  readonly country: string | undefined
  readonly countryCode: string | undefined
}

export interface Onboarding {
  /** Date, time and UTC offset, as Pinpoint writes them. */
  readonly startAt: string | undefined
  /** Answers by question. */
  readonly answers: CustomAttributes
}

/** Values by field name, both as strings. */
export type CustomAttributes = Readonly<Record<string, string>>

export interface Offer {
  readonly id: string
  readonly result: string | undefined
  readonly resultAt: string | undefined
  readonly jobTitle: string | undefined
  /** `YYYY-MM-DD` as Pinpoint writes it, never converted to a Date. */
  readonly startOn: string | undefined
  readonly salary?: Salary | undefined
  /** Manager and custom attributes are read only if a mapping needs them. */
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
  /** Division, hiring manager and custom attributes are read only if a mapping needs them. */
  readonly division?: string | undefined
  readonly hiringManager?: PinpointUser | undefined
  readonly customAttributes?: CustomAttributes | undefined
  /** Parts that were left out because the answer was too large. */
  readonly cut?: readonly string[]
}

export interface HiredApplication {
  readonly id: string
  readonly firstName: string | undefined
  readonly middleName?: string | undefined
  readonly lastName: string | undefined
  /** The name that the candidate wants to be called by. */
  readonly preferredName?: string | undefined
  /** As the candidate wrote it, without invisible characters. */
  readonly email: string | undefined
  readonly phone: string | undefined
  /** Country of the phone number: ISO 3166-1, two letters. */
  readonly phoneCountry?: string | undefined
  readonly address?: Address | undefined
  readonly linkedinUrl?: string | undefined
  /** `YYYY-MM-DD` as Pinpoint writes it. */
  readonly startOn: string | undefined
  readonly hiredAt: string | undefined
  readonly rejectedAt: string | undefined
  readonly updatedAt: string | undefined
  readonly concealed: boolean
  readonly internalCandidate: boolean
  /** A demo application that Pinpoint made for trials; it often has neither a start date nor a hire date. */
  readonly isDemo: boolean
  readonly jobId: string | undefined
  /** `hired`, `offer`, …; undefined if Pinpoint does not say. */
  readonly stageType: string | undefined
  readonly attachments: readonly Attachment[]
  /** Parts of the application and its job that were left out because Pinpoint's answer was too large. */
  readonly cut?: readonly string[]
  /** Undefined if Pinpoint did not include them; an empty list means that there are none. */
  readonly offers: readonly Offer[] | undefined
  readonly customAttributes: CustomAttributes
  /** Onboarding and the candidate's attributes are read only if a mapping needs them. */
  readonly onboarding?: Onboarding | undefined
  readonly candidateAttributes?: CustomAttributes | undefined
  /** Location and department only if this key may read jobs; title and visibility always. */
  readonly job: Job | undefined
  /** Status with which Pinpoint refused the job; explains why a needed value of the job is unknown. */
  readonly jobRefused?: number
}
