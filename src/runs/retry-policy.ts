/** When a failed try is tried again: exponential with jitter, 5 seconds to 1 hour, for 72 hours; then a person decides. */
import { secondsAfter } from '../base/clock.ts'

export const firstDelaySeconds = 5
export const longestDelaySeconds = 3600
export const giveUpAfterSeconds = 72 * 3600
/** An unknown error is a bug of ours: repeating it for days helps nobody. */
export const bugTries = 5
/** A run that has taken down so many workers is not handed to another one. */
export const takeoverLimit = 20

export interface RetryState {
  /** Failures before this one. */
  readonly failures: number
  readonly firstFailedAt: Date | undefined
  readonly now: Date
  /** 0 ≤ chance < 1. */
  readonly chance: number
}

/** The instant of the next try, or undefined when it is time to give up. */
export function nextTry({ failures, firstFailedAt, now, chance }: RetryState): Date | undefined {
  if (!hasTimeLeft(firstFailedAt, now)) return undefined
  const delay = Math.min(longestDelaySeconds, firstDelaySeconds * 2 ** Math.min(failures, 20))
  return secondsAfter(now, delay * (0.75 + chance / 2))
}

export function hasTimeLeft(firstFailedAt: Date | undefined, now: Date): boolean {
  return firstFailedAt === undefined || now.getTime() - firstFailedAt.getTime() < giveUpAfterSeconds * 1000
}
