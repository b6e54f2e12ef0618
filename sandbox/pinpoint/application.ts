/** An application as the sandbox keeps it. Small: thousands of them fit in memory, a CV is made when asked for. */
import type { Json, JsonObject } from '../../src/base/json.ts'
import type { BasicType, JobStatus, LateSeed, OfferSeed, UserSeed, Visibility } from './seed.ts'

export interface Cv {
  readonly filename: string
  readonly contexts: readonly string[]
  /** Given bytes, or a PDF to be made of this size. */
  readonly bytes: Uint8Array | undefined
  readonly sizeBytes: number
  readonly contentType?: string | undefined
  readonly encoding?: 'none' | 'gzip' | 'gzip_untold' | undefined
  readonly breaksOffAfter?: number | undefined
}

export interface Offer extends OfferSeed {
  readonly id: string
}

export interface Place {
  readonly id: string
  readonly name: string
}

export interface Job {
  readonly id: string
  readonly tenant: string
  readonly title: string
  readonly location: Place | undefined
  readonly department: Place | undefined
  readonly division: Place | undefined
  readonly hiringManager: UserSeed | undefined
  readonly customAttributes: Readonly<Record<string, Json>>
  readonly visibility: Visibility
  readonly status: JobStatus
  readonly createdAt: Date
}

export interface Application {
  readonly id: string
  readonly tenant: string
  readonly firstName: string
  readonly lastName: string
  readonly preferredName: string | null
  readonly email: string
  /** Who it is, for the oracle: two applications of one person say the same. Shown nowhere. */
  readonly person: string
  readonly phone: string | null
  readonly country: string | null
  readonly attributes: JsonObject
  readonly startOn: string | null
  readonly externalSystemReference: string | null
  readonly offers: readonly Offer[]
  readonly stage: BasicType
  readonly hiredAt: string | null
  readonly concealed: boolean
  readonly internalCandidate: boolean
  readonly isDemo: boolean
  readonly job: Job
  readonly cv: Cv | undefined
  readonly customAttributes: Readonly<Record<string, Json>>
  readonly candidateAttributes: Readonly<Record<string, Json>>
  readonly oddAttachments: readonly Json[]
  readonly onboardingStartAt: string | undefined
  readonly onboardingAnswers: Readonly<Record<string, string>>
  /** How it is shown until `updatedAt` is so long ago and it was read so often. */
  readonly late: LateSeed
  readonly createdAt: Date
  readonly updatedAt: Date
}
