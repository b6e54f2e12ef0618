/** A destination's limits: as answers and vendors state them, in durations because clocks differ, and as they are stored. */
import { z } from 'zod'

import { RetryLater } from './failure.ts'
import type { ConnectionId, TenantId } from './ids.ts'
import type { JsonObject } from './json.ts'

/** The limits in the headers of one answer. */
export interface RateLimitHeaders {
  /** The window that the call was counted in. */
  readonly window?: {
    readonly allowed: number
    readonly remaining: number
    readonly resetsInSeconds: number
  }
  /** Set by 429: no call for the given number of seconds. */
  readonly retryInSeconds?: number
}

export interface DeclaredWindow {
  readonly calls: number
  readonly seconds: number
}

/**
 * Limits that a vendor documents and does not send in headers. Those per address hold from the first call on, the others after a 429
 * has confirmed them.
 */
export interface DeclaredLimits {
  /** Set if the vendor counts per IP address, over all accounts: the domain of its hosts. Unset: it counts per set of credentials. */
  readonly perAddressAt?: string
  readonly windows: readonly DeclaredWindow[]
}

/** Reported by a 429 (`rate_limit`), or known before the call (`permit`), which is then not sent. Neither is the run's fault. */
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

export interface Window {
  readonly source: 'headers' | 'declared'
  readonly allowed: number
  /** How long a window lasts: documented, or the longest that was ever reported. */
  readonly seconds: number
  /** Calls that we permitted, or more if the destination counted more: somebody else uses the same account. */
  readonly used: number
  readonly startedAt: number
  /** 0: not opened yet; the next call opens the window. */
  readonly endsAt: number
}

/** All that is known about one limit. Stored in this shape. */
export interface Budget {
  readonly windows: readonly Window[]
  /** After a 429: no call before this instant. */
  readonly pausedUntil: number
  /** Of a limit that tenants share: the tenant that got the first 429, and until when the limit applies to it alone. */
  readonly unconfirmed?: { readonly tenant: string; readonly until: number } | undefined
  /** The last reservation: when it is due, and the windows once all reserved calls are made. */
  readonly queue: { readonly at: number; readonly windows: readonly Window[] } | null
}

export const unknownBudget: Budget = { windows: [], pausedUntil: 0, queue: null }

/** Names one limit. `scope` is the connection, the tenant, or an address whose limit is shared by all its callers. */
export interface LimitKey {
  readonly scope: string
  readonly connection?: ConnectionId | undefined
  readonly tenant?: TenantId | undefined
  /** Prefixed with the destination: `hibob.search`. */
  readonly bucket: string
}

export interface KnownLimit {
  readonly key: LimitKey
  /** Increases with each change; 0 when nothing is stored. */
  readonly version: number
  readonly budget: Budget
}

/** All processes of an installation are assumed to share one address unless `EGRESS_NAME` says otherwise. */
export const defaultAddress = 'shared'

export const addressScope = (address: string) => `address:${address}`

const window = z.object({
  source: z.enum(['headers', 'declared']),
  allowed: z.number(),
  seconds: z.number(),
  used: z.number(),
  startedAt: z.number(),
  endsAt: z.number(),
})
const budgetShape = z.object({
  windows: z.array(window),
  pausedUntil: z.number(),
  unconfirmed: z.object({ tenant: z.string(), until: z.number() }).optional(),
  queue: z.object({ at: z.number(), windows: z.array(window) }).nullable(),
})

export interface LimitRow {
  readonly scope: string
  readonly bucket: string
  readonly connection_id: ConnectionId | null
  readonly tenant_id: TenantId | null
  readonly version: number
  readonly budget: unknown
}

export function toKnownLimit(row: LimitRow): KnownLimit {
  const { scope, bucket, connection_id: connection, tenant_id: tenant, version } = row
  return {
    key: { scope, bucket, ...(connection !== null && { connection }), ...(tenant !== null && { tenant }) },
    version,
    budget: readBudget(row.budget),
  }
}

/** A budget that another version wrote and this one cannot read is learned again from the next answer. */
export function readBudget(stored: unknown): Budget {
  const parsed = budgetShape.safeParse(stored)
  return parsed.success ? parsed.data : unknownBudget
}
