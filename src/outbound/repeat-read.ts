/**
 * A read that fails for a moment is repeated at once, so that its run does not fail with it: twice at most, within the time of the
 * call. docs/decisions/0063-reads-are-repeated.md
 */
import { effectDeadline } from '../base/effect-deadline.ts'
import { RetryLater, UnrecognisedAnswer } from '../base/failure.ts'
import type { HttpRequest } from '../base/http.ts'

export const mostRepetitions = 2
const pauseMilliseconds = { least: 100, most: 500 } as const

export function pauseBefore(chance: number): number {
  const { least, most } = pauseMilliseconds
  return least + chance * (most - least)
}

export function isRead({ method, read, effect }: HttpRequest): boolean {
  return effect !== true && (method === 'GET' || read === true)
}

/** Within `make`, nothing is: whoever repeats there could make a second one. */
export function mayRepeat(request: HttpRequest): boolean {
  return isRead(request) && effectDeadline() === undefined
}

/** A failure that may pass in a moment. A destination that says when to come back is not called before. */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof RetryLater) || error instanceof UnrecognisedAnswer) return false
  return (error.kind === 'outage' || error.kind === 'failure') && error.after === undefined
}
