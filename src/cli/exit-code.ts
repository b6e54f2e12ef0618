/** Exit codes, by which scripts decide whether to continue, to ask a person, or to try again. */
import { NeedsPerson, Refused, RetryLater } from '../base/failure.ts'
import { WrongUsage } from './wrong-usage.ts'

export const exitCodes = {
  ok: { code: 0, meaning: 'Done.' },
  refused: { code: 1, meaning: 'Refused or failed: it cannot succeed as it stands.' },
  needsPerson: {
    code: 2,
    meaning: 'Somebody must change data, settings or credentials; the message says what.',
  },
  usage: { code: 64, meaning: 'The command line is wrong.' },
  bug: { code: 70, meaning: 'A bug: please report it.' },
  retryLater: { code: 75, meaning: 'A temporary condition: try again later.' },
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]['code']

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof WrongUsage) return exitCodes.usage.code
  if (error instanceof Refused) return exitCodes.refused.code
  if (error instanceof NeedsPerson) return exitCodes.needsPerson.code
  if (error instanceof RetryLater) return exitCodes.retryLater.code
  return exitCodes.bug.code
}
