/** When a failed try is tried again: exponential with jitter, 5 seconds to 1 hour, for 72 hours; then a person decides. */
import { createHash } from 'node:crypto'

import { secondsAfter } from '../base/clock.ts'

export const firstDelaySeconds = 5
export const longestDelaySeconds = 3600
export const giveUpAfterSeconds = 72 * 3600
/** An unknown error is a bug of ours: repeating it for days helps nobody. */
export const bugTries = 5
/** A run that has taken down so many workers, or was at work when others did, is tried with no other run in its process. */
export const takeoversUntilAlone = 2

/**
 * How often a destination is asked to make one thing, at most, while nobody knows whether it did: each of these calls might
 * be the one that makes a second thing after all.
 */
export const mostMakes = 6
const firstMakePauseSeconds = 60
const makePauseFactor = 12

/**
 * How long after the last such call the next one is made: the second as soon as it is safe, the others after a minute to a day,
 * so that six of them outlast an outage of a day and are over long before the run gives up. The same for each asking.
 */
export function makePauseSeconds(makes: number, effect: string): number {
  if (makes < 2) return 0
  const chance = createHash('sha256').update(`${effect} ${makes}`).digest().readUInt32BE() / 2 ** 32
  // Whole seconds: what a date holds of a part of one is less than that, and the pause would never be over.
  return Math.ceil(firstMakePauseSeconds * makePauseFactor ** (makes - 2) * (0.75 + chance / 2))
}

export interface RetryState {
  /** Failures before this one. */
  readonly failures: number
  readonly now: Date
  /** 0 ≤ chance < 1. */
  readonly chance: number
}

/** The instant of the next try. */
export function nextTry({ failures, now, chance }: RetryState): Date {
  const delay = Math.min(longestDelaySeconds, firstDelaySeconds * 2 ** Math.min(failures, 20))
  return secondsAfter(now, delay * (0.75 + chance / 2))
}

/** A limit that a destination tells again and again is asked for less and less often: a twentieth of the time that it has taken. */
export function limitPauseSeconds(firstFailedAt: Date | undefined, now: Date): number {
  const seconds = firstFailedAt === undefined ? 0 : (now.getTime() - firstFailedAt.getTime()) / 1000
  return Math.min(longestDelaySeconds, seconds / 20)
}

export function hasTimeLeft(firstFailedAt: Date | undefined, now: Date): boolean {
  return firstFailedAt === undefined || now.getTime() - firstFailedAt.getTime() < giveUpAfterSeconds * 1000
}

/** The last try comes when the time is over, and not up to an hour later. */
export function withinTime(firstFailedAt: Date | undefined, next: Date): Date {
  if (firstFailedAt === undefined) return next
  const end = secondsAfter(firstFailedAt, giveUpAfterSeconds)
  return next > end ? end : next
}
