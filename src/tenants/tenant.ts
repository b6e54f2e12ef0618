/** A tenant: a Pinpoint customer. Its secrets are sealed at rest, each with its own AAD. */
import type { TenantId } from '../base/ids.ts'
import type { KeepFinished } from './retention.ts'
import type { SweepSchedule } from './sweep-schedule.ts'

export interface Tenant {
  readonly id: TenantId
  /** Names the tenant in URLs and on the command line. Stable: Pinpoint posts to it. */
  readonly slug: string
  /** Without a trailing slash: `https://acme.pinpointhq.com/api/v1`. */
  readonly apiUrl: string
  /** Pinpoint's demo applications count as hired in every stage, so that they can be used for a trial. */
  readonly demoHires: boolean
  readonly sweep: SweepSchedule
  readonly keepFinishedFor: KeepFinished
  /** `Europe/Berlin`; undefined: days as Pinpoint writes them. */
  readonly timeZone?: string | undefined
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** With decrypted secrets: in memory only, never printed or logged. */
export interface DecryptedTenant extends Tenant {
  readonly apiKey: string
  /** Several during a rotation; never empty. */
  readonly signingSecrets: readonly string[]
}

/** Scheme, host and port; the text itself if it is not a URL. */
export function originOf(address: string): string {
  return URL.parse(address)?.origin ?? address
}

export const slugPattern = /^[a-z0-9][a-z0-9-]{0,62}$/

/** The API key decrypts only for its own URL: after tampering with the URL, no key is sent to it. */
export const apiKeyAad = (tenant: TenantId, apiUrl: string) => `tenant:${tenant}:api-key:${originOf(apiUrl)}`
export const signingSecretsAad = (tenant: TenantId) => `tenant:${tenant}:signing-secrets`
