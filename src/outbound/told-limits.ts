/** What an answer's headers tell of a limit, in durations by the destination's own clock. */
import type { Told } from '../base/rate-limit.ts'
import { headerOf, type ResponseHeaders, secondsUntil, secondsUntilRetry } from './retry-at.ts'

const longestSeconds = 3600
/** After a 429 that says nothing of when. */
const unsaidSeconds = 30

/** HiBob: `X-RateLimit-*` with the reset in Unix seconds. Others leave out the X, or give the reset in seconds from now. */
const prefixes = ['x-ratelimit', 'ratelimit', 'x-rate-limit'] as const

export function toldLimits(
  { status, headers }: { readonly status: number; readonly headers: ResponseHeaders },
  now: Date,
): Told {
  const window = prefixes.map((prefix) => windowOf(headers, prefix, now)).find((one) => one !== undefined)
  return {
    ...(window === undefined ? {} : { window }),
    ...(status === 429 ? { retryInSeconds: secondsUntilRetry(headers, now) ?? unsaidSeconds } : {}),
  }
}

function windowOf(headers: ResponseHeaders, prefix: string, now: Date): Told['window'] {
  const allowed = wholeNumber(headerOf(headers, `${prefix}-limit`))
  const remaining = wholeNumber(headerOf(headers, `${prefix}-remaining`))
  const reset = wholeNumber(headerOf(headers, `${prefix}-reset`))
  if (allowed === undefined || allowed === 0 || remaining === undefined || reset === undefined) {
    return undefined
  }
  const resetsInSeconds = Math.min(longestSeconds, secondsUntil(reset, headers, now))
  return { allowed, remaining: Math.min(allowed, remaining), resetsInSeconds }
}

/** `120`, and of `120, 120;w=60` the first: some list their windows behind it. */
function wholeNumber(text: string | undefined): number | undefined {
  const digits = /^\s*(\d{1,15})\s*(?:[,;]|$)/.exec(text ?? '')?.[1]
  return digits === undefined ? undefined : Number(digits)
}
