/** When a failed attempt is repeated: exponential with jitter, 5 seconds to 1 hour, for 72 hours; then a person decides. */
import { createHash } from 'node:crypto'

import { secondsAfter } from '../base/clock.ts'

export const firstDelaySeconds = 5
export const longestDelaySeconds = 3600
export const giveUpAfterSeconds = 72 * 3600
/** An unknown error is a bug of ours: repeating the attempt for days helps nobody. */
export const bugTries = 5
/** A run that was running when this many workers died is attempted with no other run in its process. */
export const takeoversUntilAlone = 2

/**
 * How many calls to make one thing are sent at most while the outcome is unclear: each of these calls might be the one that
 * makes a second one after all.
 */
export const mostMakes = 9
/** Up to this one each call comes as soon as that is safe: where some answers are lost, the next one seldom is. */
const soonMakes = 6
const firstMakePauseSeconds = 720
const makePauseFactor = 12

/**
 * The pause between the last such call and the next: none up to the sixth, beyond the wait for what the last one may have made;
 * then a quarter of an hour to a day, so that all of them outlast an outage of a day and are over long before the run gives up.
 * The same result for the same arguments.
 */
export function makePauseSeconds(makes: number, effect: string): number {
  if (makes < soonMakes) return 0
  const chance = createHash('sha256').update(`${effect} ${makes}`).digest().readUInt32BE() / 2 ** 32
  // Rounded up to whole seconds: a date drops fractions of a millisecond, and the pause would never be over.
  return Math.ceil(firstMakePauseSeconds * makePauseFactor ** (makes - soonMakes) * (0.75 + chance / 2))
}

export interface RetryState {
  /** Failures before this one. */
  readonly failures: number
  readonly now: Date
  /** 0 ≤ chance < 1. */
  readonly chance: number
}

/** The instant of the next attempt. */
export function nextTry({ failures, now, chance }: RetryState): Date {
  const delay = Math.min(longestDelaySeconds, firstDelaySeconds * 2 ** Math.min(failures, 20))
  return secondsAfter(now, delay * (0.75 + chance / 2))
}

/** A limit that a destination keeps announcing is waited for longer and longer: a twentieth of the time since the first failure. */
export function limitPauseSeconds(firstFailedAt: Date | undefined, now: Date): number {
  const seconds = firstFailedAt === undefined ? 0 : (now.getTime() - firstFailedAt.getTime()) / 1000
  return Math.min(longestDelaySeconds, seconds / 20)
}

export function hasTimeLeft(firstFailedAt: Date | undefined, now: Date): boolean {
  return firstFailedAt === undefined || now.getTime() - firstFailedAt.getTime() < giveUpAfterSeconds * 1000
}

/** The last attempt comes exactly when the time is over, not up to an hour later. */
export function withinTime(firstFailedAt: Date | undefined, next: Date): Date {
  if (firstFailedAt === undefined) return next
  const end = secondsAfter(firstFailedAt, giveUpAfterSeconds)
  return next > end ? end : next
}
