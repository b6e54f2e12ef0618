/**
 * What an answer teaches about a limit. Answers of concurrent calls arrive in any order, late, with whole seconds in
 * them; nothing here lets a later arrival undo what is known of the same window.
 */
import type { Budget, DeclaredWindow, RateLimitHeaders, Window } from '../base/rate-limit.ts'

export interface Answered extends RateLimitHeaders {
  /** When the call was sent: the answer speaks of a moment between then and now. */
  readonly sentAt: number
  /** Calls of this process that were under way beside this one: the destination may have counted them after it. */
  readonly beside: number
  /** Those of them, and this one, that were made before anything was known, so that nobody has counted them. */
  readonly uncounted: number
  readonly declared: readonly DeclaredWindow[]
  /** Set where tenants share the limit: whose call it was. */
  readonly tenant?: string | undefined
  /** How many calls this process has made in the last so many seconds. */
  readonly callsWithin: (seconds: number) => number
}

/** The same object when the answer says nothing new. */
export function learn(before: Budget, now: number, answer: Answered): Budget {
  const windows = withHeaders(before.windows, now, answer)
  if (answer.retryInSeconds === undefined) return windows === before.windows ? before : { ...before, windows }

  const until = now + answer.retryInSeconds * 1000
  if (answer.tenant !== undefined && !isConfirmed(before, now, answer.tenant)) {
    const known = before.unconfirmed?.tenant === answer.tenant ? before.unconfirmed.until : 0
    return { ...before, windows, unconfirmed: { tenant: answer.tenant, until: Math.max(until, known) } }
  }
  return {
    ...before,
    windows: usedUp(windows, now, answer),
    pausedUntil: Math.max(before.pausedUntil, until),
  }
}

/** What one tenant is answered may concern that tenant alone; all wait once a second one is answered the same meanwhile. */
function isConfirmed({ pausedUntil, unconfirmed }: Budget, now: number, tenant: string): boolean {
  return (
    now < pausedUntil ||
    (unconfirmed !== undefined && unconfirmed.tenant !== tenant && now < unconfirmed.until)
  )
}

/** Two ends that are closer than this are one: told ends are whole seconds, and travelled. */
const sameMilliseconds = 2000

function withHeaders(windows: readonly Window[], now: number, answer: Answered): readonly Window[] {
  if (answer.window === undefined || answer.window.resetsInSeconds <= 0) return windows
  const { allowed, remaining, resetsInSeconds } = answer.window
  const endsAt = now + resetsInSeconds * 1000
  const earliestEnd = answer.sentAt + resetsInSeconds * 1000
  const seen = Math.max(0, allowed - remaining)

  const before = windows.find(({ source }) => source === 'headers')
  const seconds = Math.max(before?.seconds ?? 0, Math.ceil(resetsInSeconds))
  const others = windows.filter((one) => one !== before)
  // An answer that was on its way while the next window began speaks of the old one.
  if (before !== undefined && earliestEnd <= before.startedAt) return windows
  if (before === undefined || before.endsAt === 0 || earliestEnd > before.endsAt + sameMilliseconds) {
    return [
      { source: 'headers', allowed, seconds, used: seen + answer.beside, startedAt: now, endsAt },
      ...others,
    ]
  }
  // Late and rounded up, a told end is at or after the true one: the earliest that was told is the nearest to it.
  const nearer = endsAt < before.endsAt - 250
  const used = Math.max(before.used + answer.uncounted, seen)
  if (used === before.used && !nearer && seconds === before.seconds && allowed === before.allowed)
    return windows
  return [{ ...before, allowed, seconds, used, endsAt: nearer ? endsAt : before.endsAt }, ...others]
}

/** 429 says that a window is used up until then: the told one; of documented ones the shortest that can last so long. */
function usedUp(windows: readonly Window[], now: number, answer: Answered): readonly Window[] {
  const { declared, retryInSeconds = 0, callsWithin } = answer
  const until = now + retryInSeconds * 1000
  const fromHeaders = windows
    .filter(({ source }) => source === 'headers')
    .map((one) => ({
      ...one,
      used: Math.max(one.used, one.allowed),
      endsAt: one.endsAt > now ? one.endsAt : until,
    }))
  const documented = windows.filter(({ source }) => source === 'declared')
  const full = declared
    .filter(({ seconds }) => seconds >= retryInSeconds)
    .reduce<DeclaredWindow | undefined>(
      (best, one) => (best === undefined || one.seconds < best.seconds ? one : best),
      undefined,
    )
  if (full === undefined) return [...fromHeaders, ...documented]
  const known = documented.find(({ seconds }) => seconds === full.seconds)
  if (known === undefined && !isBelievable(full, retryInSeconds, callsWithin(full.seconds))) {
    return [...fromHeaders, ...documented]
  }
  const { calls, seconds } = full
  const used = {
    source: 'declared',
    allowed: calls,
    seconds,
    used: calls,
    startedAt: now,
    endsAt: until,
  } as const
  return [...fromHeaders, ...documented.filter((one) => one !== known), used]
}

/**
 * A 429 may come from anything: a proxy, a limit that is not the documented one, somebody else at the same address. It
 * speaks for a documented window when it holds for a good part of it and we have made a good part of its calls.
 */
function isBelievable({ calls, seconds }: DeclaredWindow, retryInSeconds: number, made: number): boolean {
  return retryInSeconds >= seconds / 4 && made >= calls / 4
}
