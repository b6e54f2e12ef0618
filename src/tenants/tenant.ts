/** A tenant: a Pinpoint customer. Its secrets are sealed at rest, each for a place of its own. */
import type { TenantId } from '../base/ids.ts'
import type { KeepFinished } from './retention.ts'
import type { SweepSchedule } from './sweep-schedule.ts'

export interface Tenant {
  readonly id: TenantId
  /** Names the tenant in URLs and on the command line. Stable: Pinpoint posts to it. */
  readonly slug: string
  /** Without a slash at its end: `https://acme.pinpointhq.com/api/v1`. */
  readonly apiUrl: string
  /** Applications that are Pinpoint's demo data can be tried: they count as hired in whatever stage they are. */
  readonly demoHires: boolean
  readonly sweep: SweepSchedule
  readonly keepFinishedFor: KeepFinished
  /** `Europe/Berlin`; undefined: days are those that Pinpoint writes. */
  readonly timeZone?: string | undefined
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** With its secrets in clear: in memory only, never printed or logged. */
export interface DecryptedTenant extends Tenant {
  readonly apiKey: string
  /** Several while one is rotated; never empty. */
  readonly signingSecrets: readonly string[]
}

/** Scheme, host and port; the text itself where it is no address. */
export function originOf(address: string): string {
  return URL.parse(address)?.origin ?? address
}

export const slugPattern = /^[a-z0-9][a-z0-9-]{0,62}$/

/** The API key opens for the address that it was given for: one that was changed beside it gets no key. */
export const apiKeyAad = (tenant: TenantId, apiUrl: string) => `tenant:${tenant}:api-key:${originOf(apiUrl)}`
export const signingSecretsAad = (tenant: TenantId) => `tenant:${tenant}:signing-secrets`
