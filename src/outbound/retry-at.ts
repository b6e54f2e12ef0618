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

/**
 * From `X-RateLimit-Reset` (HiBob: epoch seconds) or `Retry-After` (seconds or an HTTP date). Never sooner than a
 * second, never later than an hour, whatever was said; undefined when nothing readable was said.
 */
export function retryAt(headers: ResponseHeaders, now: Date): Date | undefined {
  const seconds =
    fromEpoch(headerOf(headers, 'x-ratelimit-reset'), now) ??
    fromRetryAfter(headerOf(headers, 'retry-after'), now)
  if (seconds === undefined) return undefined
  return secondsAfter(now, Math.min(longestSeconds, Math.max(shortestSeconds, seconds)))
}

function fromEpoch(text: string | undefined, now: Date): number | undefined {
  return isWholeNumber(text) ? Number(text) - now.getTime() / 1000 : undefined
}

function fromRetryAfter(text: string | undefined, now: Date): number | undefined {
  if (text === undefined) return undefined
  if (isWholeNumber(text)) return Number(text)
  const instant = Date.parse(text)
  return Number.isNaN(instant) ? undefined : (instant - now.getTime()) / 1000
}

function isWholeNumber(text: string | undefined): boolean {
  return text !== undefined && /^\d{1,15}$/.test(text.trim())
}
