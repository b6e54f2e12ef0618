/** Checks whom HiBob's answer to a create shows: a CV must not go to somebody else's record. Pure. */
import { type HttpAnswer, isRecord, RetryLater, sameText, UnrecognisedAnswer } from '../../sdk/index.ts'
import { sameEmail } from './folded.ts'
import type { NewHire } from './new-hire.ts'

/**
 * True if neither e-mail, first name nor last name is the one that was sent. If only one of them differs, HiBob has changed it, which is
 * a warning.
 */
export function isSomebodyElse(
  answer: unknown,
  hire: Pick<NewHire, 'email' | 'firstName' | 'surname'>,
): boolean {
  const shown = isRecord(answer) ? answer : {}
  const compared = [
    compare(shown['email'], hire.email, sameEmail),
    compare(shown['firstName'], hire.firstName, sameText),
    compare(shown['surname'], hire.surname, sameText),
  ].filter((agrees) => agrees !== undefined)
  return compared.length > 0 && !compared.includes(true)
}

/** Undefined: HiBob does not show the value. */
function compare(
  shown: unknown,
  sent: string,
  same: (one: string, other: string) => boolean,
): boolean | undefined {
  return typeof shown === 'string' && shown.trim() !== '' ? same(shown, sent) : undefined
}

/** The outcome is unclear, so a search decides whether the employee was made. */
export function answerOfAnother(): RetryLater {
  return new RetryLater(
    'hibob.answer_of_another',
    'HiBob took the new employee, but its answer shows somebody else.',
    { outcome: 'unclear' },
  )
}

/** A refusal in none of HiBob's formats comes from something in front of it, such as a proxy. */
export function notOfHibob({ status }: Pick<HttpAnswer, 'status'>): UnrecognisedAnswer {
  return new UnrecognisedAnswer(
    'hibob.answer_unrecognised',
    `The answer does not come from the API of hibob (${status}): something in front of it refused the call.`,
    { details: { destination: 'hibob', bucket: 'create', status }, kind: 'outage' },
  )
}
