/** A destination's limits: as answers and vendors give them, in durations since no two machines' clocks agree, and as they are stored. */
import { z } from 'zod'

import { RetryLater } from './failure.ts'
import type { ConnectionId, TenantId } from './ids.ts'
import type { JsonObject } from './json.ts'

/** What the headers of one answer say. */
export interface RateLimitHeaders {
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

export interface Window {
  readonly source: 'headers' | 'declared'
  readonly allowed: number
  /** How long a window lasts: documented, or the longest that was ever told. */
  readonly seconds: number
  /** Calls permitted by us, or more where the destination has counted more: somebody else uses the same account. */
  readonly used: number
  readonly startedAt: number
  /** 0: not opened yet; the next call opens it. */
  readonly endsAt: number
}

/** All that is known of one limit. Stored as it is. */
export interface Budget {
  readonly windows: readonly Window[]
  /** 429 was answered: nothing before this instant. */
  readonly pausedUntil: number
  /** Of a limit that tenants share: the one that was answered 429 first, and until when it holds alone. */
  readonly unconfirmed?: { readonly tenant: string; readonly until: number } | undefined
  /** The windows as they will be when all who were told to come back have called, and when the last of them does. */
  readonly queue: { readonly at: number; readonly windows: readonly Window[] } | null
}

export const unknownBudget: Budget = { windows: [], pausedUntil: 0, queue: null }

/** Names one limit. `scope` is the connection, the tenant, or an address whose limit is shared by all that call from it. */
export interface LimitKey {
  readonly scope: string
  readonly connection?: ConnectionId | undefined
  readonly tenant?: TenantId | undefined
  /** With the destination in front: `hibob.search`. */
  readonly bucket: string
}

export interface KnownLimit {
  readonly key: LimitKey
  /** Goes up with each change; 0 when nothing is stored. */
  readonly version: number
  readonly budget: Budget
}

/** All processes of an installation are taken to share one address unless they are told otherwise. */
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

/** What another version has written and this one cannot read is learned again from the next answer. */
export function readBudget(stored: unknown): Budget {
  const parsed = budgetShape.safeParse(stored)
  return parsed.success ? parsed.data : unknownBudget
}
