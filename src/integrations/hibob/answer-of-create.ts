/** What HiBob's answer to a create is worth, and whom it shows. A CV must not go to a record that is somebody else's. Pure. */
import { type HttpAnswer, isRecord, RetryLater, sameText, UnrecognisedAnswer } from '../../sdk/index.ts'
import { sameEmail } from './folded.ts'
import type { NewHire } from './new-hire.ts'

/**
 * Nothing of what it shows of the person is what was sent. A login that HiBob has changed, or one name, is theirs all the same, and told
 * as changed.
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

/** Undefined: it is not shown. */
function compare(
  shown: unknown,
  sent: string,
  same: (one: string, other: string) => boolean,
): boolean | undefined {
  return typeof shown === 'string' && shown.trim() !== '' ? same(shown, sent) : undefined
}

/** Whether the employee was made is then found out by a search. */
export function answerOfAnother(): RetryLater {
  return new RetryLater(
    'hibob.answer_of_another',
    'HiBob took the new employee, but its answer shows somebody else.',
    { outcome: 'unclear' },
  )
}

/** A refusal in none of HiBob's shapes comes from something in front of it. */
export function notOfHibob({ status }: Pick<HttpAnswer, 'status'>): UnrecognisedAnswer {
  return new UnrecognisedAnswer(
    'hibob.answer_unrecognised',
    `The answer does not come from the API of hibob (${status}): something in front of it refused the call.`,
    { details: { destination: 'hibob', bucket: 'create', status }, kind: 'outage' },
  )
}
