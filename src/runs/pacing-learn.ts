/**
 * What an answer teaches about a limit. Answers of concurrent calls arrive in any order, late, with whole seconds in
 * them; nothing here lets a later arrival undo what is known of the same window.
 */
import type { DeclaredWindow, Told } from '../base/rate-limit.ts'
import type { Budget, Window } from './pacing.ts'

export interface Answered extends Told {
  /** When the call was sent: the answer speaks of a moment between then and now. */
  readonly sentAt: number
  /** Calls of this process that were under way beside this one: the destination may have counted them after it. */
  readonly beside: number
  /** Those of them, and this one, that were made before anything was known, so that nobody has counted them. */
  readonly uncounted: number
  readonly declared: readonly DeclaredWindow[]
}

/** The same object when the answer says nothing new. */
export function learn(before: Budget, now: number, answer: Answered): Budget {
  const windows = withTold(before.windows, now, answer)
  if (answer.retryInSeconds === undefined) return windows === before.windows ? before : { ...before, windows }

  const until = now + answer.retryInSeconds * 1000
  return {
    ...before,
    windows: usedUp(windows, now, answer),
    pausedUntil: Math.max(before.pausedUntil, until),
  }
}

/** Two ends that are closer than this are one: told ends are whole seconds, and travelled. */
const sameMilliseconds = 2000

function withTold(windows: readonly Window[], now: number, answer: Answered): readonly Window[] {
  if (answer.window === undefined || answer.window.resetsInSeconds <= 0) return windows
  const { allowed, remaining, resetsInSeconds } = answer.window
  const endsAt = now + resetsInSeconds * 1000
  const earliestEnd = answer.sentAt + resetsInSeconds * 1000
  const seen = Math.max(0, allowed - remaining)

  const before = windows.find(({ source }) => source === 'told')
  const seconds = Math.max(before?.seconds ?? 0, Math.ceil(resetsInSeconds))
  const others = windows.filter((one) => one !== before)
  // An answer that was on its way while the next window began speaks of the old one.
  if (before !== undefined && earliestEnd <= before.startedAt) return windows
  if (before === undefined || before.endsAt === 0 || earliestEnd > before.endsAt + sameMilliseconds) {
    return [
      { source: 'told', allowed, seconds, used: seen + answer.beside, startedAt: now, endsAt },
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
function usedUp(
  windows: readonly Window[],
  now: number,
  { declared, retryInSeconds = 0 }: Answered,
): readonly Window[] {
  const until = now + retryInSeconds * 1000
  const told = windows
    .filter(({ source }) => source === 'told')
    .map((one) => ({
      ...one,
      used: Math.max(one.used, one.allowed),
      endsAt: one.endsAt > now ? one.endsAt : until,
    }))
  const known = windows.filter(({ source }) => source === 'declared')
  const documented = known.length > 0 ? known : declared.map(believed)
  const full = documented
    .filter(({ seconds }) => seconds >= retryInSeconds)
    .reduce<Window | undefined>((best, one) => (best && best.seconds <= one.seconds ? best : one), undefined)
  return [
    ...told,
    ...documented.map((one) => {
      if (one === full)
        return { ...one, used: Math.max(one.used, one.allowed), startedAt: now, endsAt: until }
      // What was sent before the first 429 was not counted; at least so much it must have been.
      const unseen = known.length === 0 && full !== undefined && one.seconds > full.seconds
      return unseen ? { ...one, used: full.allowed, startedAt: now, endsAt: now + one.seconds * 1000 } : one
    }),
  ]
}

function believed({ calls, seconds }: DeclaredWindow): Window {
  return { source: 'declared', allowed: calls, seconds, used: 0, startedAt: 0, endsAt: 0 }
}
