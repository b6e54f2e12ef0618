/** The rate limits in an answer's headers, as durations by the destination's own clock, and when it may be called again. */
import { secondsAfter } from '../base/clock.ts'
import type { RateLimitHeaders } from '../base/rate-limit.ts'

const shortestSeconds = 1
const longestSeconds = 3600

/** Response headers as undici gives them: lower-case names, repeated ones as a list. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>

export function headerOf(headers: ResponseHeaders, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}

/** Undefined without a readable header. */
export function retryAt(headers: ResponseHeaders, now: Date): Date | undefined {
  const seconds = secondsUntilRetry(headers, now)
  return seconds === undefined ? undefined : secondsAfter(now, seconds)
}

/**
 * After a failure other than 429: such answers have the usual rate-limit headers too, and unless the window is used up, its
 * reset says nothing about when the destination works again.
 */
export function retryAtAfterFailure(headers: ResponseHeaders, now: Date): Date | undefined {
  const said = fromRetryAfter(headerOf(headers, 'retry-after'), headers, now)
  if (said !== undefined) return secondsAfter(now, bounded(said))
  const usedUp = /^\s*0+\s*$/.test(headerOf(headers, 'x-ratelimit-remaining') ?? '')
  return usedUp ? retryAt(headers, now) : undefined
}

/**
 * From `X-RateLimit-Reset` (HiBob: epoch seconds) or `Retry-After` (seconds or an HTTP date). At least a second and at
 * most an hour, whatever the header says; undefined without a readable header.
 */
export function secondsUntilRetry(headers: ResponseHeaders, now: Date): number | undefined {
  const seconds =
    fromReset(headerOf(headers, 'x-ratelimit-reset'), headers, now) ??
    fromRetryAfter(headerOf(headers, 'retry-after'), headers, now)
  return seconds === undefined ? undefined : bounded(seconds)
}

function bounded(seconds: number): number {
  return Math.min(longestSeconds, Math.max(shortestSeconds, seconds))
}

function fromReset(text: string | undefined, headers: ResponseHeaders, now: Date): number | undefined {
  return isWholeNumber(text) ? secondsUntil(Number(text), headers, now) : undefined
}

function fromRetryAfter(text: string | undefined, headers: ResponseHeaders, now: Date): number | undefined {
  if (text === undefined) return undefined
  if (isWholeNumber(text)) return Number(text)
  const instant = Date.parse(text)
  return Number.isNaN(instant) ? undefined : instant / 1000 - theirTime(headers, now)
}

/** From this number on, it is an instant in Unix seconds (1973), not a duration. */
const firstInstant = 100_000_000

export function secondsUntil(reset: number, headers: ResponseHeaders, now: Date): number {
  return reset < firstInstant ? reset : reset - theirTime(headers, now)
}

/** The destination's instants are compared with its clock, from `Date`; with ours only if that is missing. */
function theirTime(headers: ResponseHeaders, now: Date): number {
  const theirs = Date.parse(headerOf(headers, 'date') ?? '')
  return (Number.isNaN(theirs) ? now.getTime() : theirs) / 1000
}

function isWholeNumber(text: string | undefined): text is string {
  return text !== undefined && /^\d{1,15}$/.test(text.trim())
}

/** After a 429 without a time. */
const defaultRetrySeconds = 30

/** HiBob: `X-RateLimit-*` with the reset in Unix seconds. Others omit the X, or give the reset in seconds from now. */
const prefixes = ['x-ratelimit', 'ratelimit', 'x-rate-limit'] as const

export function readRateLimitHeaders(
  { status, headers }: { readonly status: number; readonly headers: ResponseHeaders },
  now: Date,
): RateLimitHeaders {
  const window = prefixes.map((prefix) => windowOf(headers, prefix, now)).find((found) => found !== undefined)
  return {
    ...(window === undefined ? {} : { window }),
    ...(status === 429 ? { retryInSeconds: secondsUntilRetry(headers, now) ?? defaultRetrySeconds } : {}),
  }
}

function windowOf(headers: ResponseHeaders, prefix: string, now: Date): RateLimitHeaders['window'] {
  const allowed = wholeNumber(headerOf(headers, `${prefix}-limit`))
  const remaining = wholeNumber(headerOf(headers, `${prefix}-remaining`))
  const reset = wholeNumber(headerOf(headers, `${prefix}-reset`))
  if (allowed === undefined || allowed === 0 || remaining === undefined || reset === undefined) {
    return undefined
  }
  const resetsInSeconds = Math.min(longestSeconds, secondsUntil(reset, headers, now))
  return { allowed, remaining: Math.min(allowed, remaining), resetsInSeconds }
}

/** `120`, and the first number of `120, 120;w=60`: some append their windows. */
function wholeNumber(text: string | undefined): number | undefined {
  const digits = /^\s*(\d{1,15})\s*(?:[,;]|$)/.exec(text ?? '')?.[1]
  return digits === undefined ? undefined : Number(digits)
}
