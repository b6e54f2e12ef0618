/**
 * What an answer says about a limit. Answers of concurrent calls arrive in any order, late, and in whole
 * seconds; a later arrival never undoes what is known of the same window.
 */
import type { Budget, DeclaredWindow, RateLimitHeaders, Window } from '../base/rate-limit.ts'

export interface Answered extends RateLimitHeaders {
  /** When the call was sent: the answer describes a moment between then and now. */
  readonly sentAt: number
  /** Other calls of this process that were under way: the destination may have counted them after this one. */
  readonly beside: number
  /** How many of these calls, with this one, were sent before the limit was known, and so are not counted. */
  readonly uncounted: number
  readonly declared: readonly DeclaredWindow[]
  /** Set if tenants share the limit: the owner of the call. */
  readonly tenant?: string | undefined
  /** How many calls this process has made in the given number of seconds. */
  readonly callsWithin: (seconds: number) => number
}

/** Returns the same object when the answer says nothing new. */
export function learn(before: Budget, now: number, answered: Answered): Budget {
  const isOurs = !isAnotherLimit(before.windows, now, answered)
  const { window: _window, ...withoutWindow } = answered
  const answer = isOurs ? answered : withoutWindow
  const windows = withHeaders(before.windows, now, answer)
  if (answer.retryInSeconds === undefined) return windows === before.windows ? before : { ...before, windows }

  const until = now + answer.retryInSeconds * 1000
  if (answer.tenant !== undefined && !isConfirmed(before, now, answer.tenant)) {
    const known = before.unconfirmed?.tenant === answer.tenant ? before.unconfirmed.until : 0
    return { ...before, windows, unconfirmed: { tenant: answer.tenant, until: Math.max(until, known) } }
  }
  return {
    ...before,
    windows: isOurs ? usedUp(windows, now, answer) : windows,
    pausedUntil: Math.max(before.pausedUntil, until),
  }
}

/** One tenant's 429 may concern that tenant alone; all wait once a second tenant receives one in the meantime. */
function isConfirmed({ pausedUntil, unconfirmed }: Budget, now: number, tenant: string): boolean {
  return (
    now < pausedUntil ||
    (unconfirmed !== undefined && unconfirmed.tenant !== tenant && now < unconfirmed.until)
  )
}

/**
 * A 429 with another allowance than the one that other answers of this window name, and of which much is left, is about something
 * else: a proxy's limit, or one of another kind. It is waited for, and says nothing about the window.
 */
function isAnotherLimit(
  windows: readonly Window[],
  now: number,
  { window, retryInSeconds }: Answered,
): boolean {
  if (retryInSeconds === undefined || window === undefined) return false
  const known = windows.find(({ source, endsAt }) => source === 'headers' && endsAt > now)
  return known !== undefined && window.allowed < known.allowed && known.used < known.allowed / 2
}

/** Two ends that differ by less are the same end: headers have whole seconds, and arrive late. */
const sameMilliseconds = 2000

function withHeaders(windows: readonly Window[], now: number, answer: Answered): readonly Window[] {
  if (answer.window === undefined || answer.window.resetsInSeconds <= 0) return windows
  const { allowed, remaining, resetsInSeconds } = answer.window
  const endsAt = now + resetsInSeconds * 1000
  const earliestEnd = answer.sentAt + resetsInSeconds * 1000
  const seen = Math.max(0, allowed - remaining)

  const before = windows.find(({ source }) => source === 'headers')
  const seconds = Math.max(before?.seconds ?? 0, Math.ceil(resetsInSeconds))
  const others = windows.filter((window) => window !== before)
  // An answer that was under way when the next window began describes the old one.
  if (before !== undefined && earliestEnd <= before.startedAt) return windows
  if (before === undefined || before.endsAt === 0 || earliestEnd > before.endsAt + sameMilliseconds) {
    return [
      { source: 'headers', allowed, seconds, used: seen + answer.beside, startedAt: now, endsAt },
      ...others,
    ]
  }
  // Late and rounded up, an announced end is at or after the true one: the earliest is the closest.
  const isCloser = endsAt < before.endsAt - 250
  const used = Math.max(before.used + answer.uncounted, seen)
  if (used === before.used && !isCloser && seconds === before.seconds && allowed === before.allowed)
    return windows
  return [{ ...before, allowed, seconds, used, endsAt: isCloser ? endsAt : before.endsAt }, ...others]
}

/** A 429 says that a window is used up: the one of the headers, or the shortest documented one that can last that long. */
function usedUp(windows: readonly Window[], now: number, answer: Answered): readonly Window[] {
  const { declared, retryInSeconds = 0, callsWithin } = answer
  const until = now + retryInSeconds * 1000
  const fromHeaders = windows
    .filter(({ source }) => source === 'headers')
    .map((window) => ({
      ...window,
      used: Math.max(window.used, window.allowed),
      endsAt: window.endsAt > now ? window.endsAt : until,
    }))
  const documented = windows.filter(({ source }) => source === 'declared')
  const full = declared
    .filter(({ seconds }) => seconds >= retryInSeconds)
    .reduce<DeclaredWindow | undefined>(
      (best, window) => (best === undefined || window.seconds < best.seconds ? window : best),
      undefined,
    )
  if (full === undefined) return [...fromHeaders, ...documented]
  const known = documented.find(({ seconds }) => seconds === full.seconds)
  if (!isBelievable(full, retryInSeconds, callsWithin(full.seconds))) {
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
  return [...fromHeaders, ...documented.filter((window) => window !== known), used]
}

/**
 * A 429 may come from anything: a proxy, an undocumented limit, another caller at the same address. It counts
 * for a documented window if it lasts for a good part of it and we have made a good part of its calls.
 */
function isBelievable({ calls, seconds }: DeclaredWindow, retryInSeconds: number, made: number): boolean {
  return retryInSeconds >= seconds / 4 && made >= calls / 4
}
