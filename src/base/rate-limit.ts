/** A destination's limits as answers tell them and vendors document them. In durations: no two machines' clocks agree. */
import { RetryLater } from './failure.ts'
import type { JsonObject } from './json.ts'

/** What the headers of one answer say. */
export interface Told {
  /** The window that the call was counted in. */
  readonly window?: {
    readonly allowed: number
    readonly remaining: number
    readonly resetsInSeconds: number
  }
  /** Set by 429: nothing more before so many seconds have passed. */
  readonly retryInSeconds?: number
}

export interface DeclaredWindow {
  readonly calls: number
  readonly seconds: number
}

/** Limits that a vendor documents and does not tell in headers. Believed when a 429 speaks for them, not before; headers are not. */
export interface DeclaredLimits {
  /** Where the vendor counts per IP address, over all accounts that call from it: the domain of its hosts. Else per set of credentials. */
  readonly perAddressAt?: string
  readonly windows: readonly DeclaredWindow[]
}

/** Said by a 429 (`rate_limit`), or known before the call (`permit`): then nothing is sent. Waiting is not the run's fault. */
export function rateLimited(
  { destination: name, bucket }: { readonly destination: string; readonly bucket: string },
  after: Date,
  { kind, details }: { readonly kind: 'rate_limit' | 'permit'; readonly details: JsonObject },
): RetryLater {
  return new RetryLater(
    `${name}.rate_limited`,
    `${name}'s limit for "${bucket}" is used up for the moment.`,
    { details, after, kind },
  )
}
