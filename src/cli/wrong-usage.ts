/** A command line that cannot be meant: a wrong value, a missing option, options that contradict each other. */
import { NeedsPerson } from '../base/failure.ts'
import { nearest } from '../mapping/same-text.ts'

/** Its exit code is the one of an unknown option. */
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
