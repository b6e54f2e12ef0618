/** When a destination that said "too many" or "not now" may be called again. */
import { secondsAfter } from '../base/clock.ts'

const shortestSeconds = 1
const longestSeconds = 3600

/** Response headers as undici gives them: lower-case names, repeated ones as a list. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>

export function headerOf(headers: ResponseHeaders, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}

/** Undefined when nothing readable was said. */
export function retryAt(headers: ResponseHeaders, now: Date): Date | undefined {
  const seconds = secondsUntilRetry(headers, now)
  return seconds === undefined ? undefined : secondsAfter(now, seconds)
}

/**
 * After a failure that is no 429: such answers carry the headers of their window as any other, and unless it is used up its
 * reset says nothing of when the destination is well again.
 */
export function retryAtAfterFailure(headers: ResponseHeaders, now: Date): Date | undefined {
  const said = fromRetryAfter(headerOf(headers, 'retry-after'), headers, now)
  if (said !== undefined) return secondsAfter(now, bounded(said))
  const usedUp = /^\s*0+\s*$/.test(headerOf(headers, 'x-ratelimit-remaining') ?? '')
  return usedUp ? retryAt(headers, now) : undefined
}

/**
 * From `X-RateLimit-Reset` (HiBob: epoch seconds) or `Retry-After` (seconds or an HTTP date). Never sooner than a
 * second, never later than an hour, whatever was said; undefined when nothing readable was said.
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

/** From here on a number is an instant in Unix seconds (1973), not a duration. */
const firstInstant = 100_000_000

export function secondsUntil(reset: number, headers: ResponseHeaders, now: Date): number {
  return reset < firstInstant ? reset : reset - theirTime(headers, now)
}

/** An instant of theirs is compared with their clock, which stands in `Date`; with ours only where it is missing. */
function theirTime(headers: ResponseHeaders, now: Date): number {
  const theirs = Date.parse(headerOf(headers, 'date') ?? '')
  return (Number.isNaN(theirs) ? now.getTime() : theirs) / 1000
}

function isWholeNumber(text: string | undefined): text is string {
  return text !== undefined && /^\d{1,15}$/.test(text.trim())
}
