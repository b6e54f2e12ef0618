/** A wrong command line: a value that is not allowed, a missing option, options that contradict each other. */
import { NeedsPerson } from '../base/failure.ts'
import { nearest } from '../mapping/same-text.ts'

/** Has the same exit code as an unknown option. */
export class WrongUsage extends NeedsPerson {}

/** `; did you mean acme?`, or nothing where no known name is near. */
export function didYouMean(typed: string, known: readonly string[]): string {
  const near = nearest(typed, known)
  return near.length === 0 ? '' : `; did you mean ${near.join(', or ')}?`
}

/** The end of a sentence: the nearest names as a question, or a full stop. */
export function orNear(typed: string, known: readonly string[]): string {
  return didYouMean(typed, known) || '.'
}
