/** The one table from a failure's class to what becomes of the run. */
import { secondsAfter } from '../base/clock.ts'
import { NeedsPerson, Refused, RetryLater, waitKinds } from '../base/failure.ts'
import { OtherRunsTurn } from './ensure.ts'
import { bugTries, hasTimeLeft, nextTry } from './retry-policy.ts'
import type { ClaimedRun, Settlement } from './run.ts'
import { OutcomeUnclear } from './unclear.ts'

type History = Pick<ClaimedRun, 'failures' | 'firstFailedAt'>

export function settlementOf(
  error: unknown,
  run: History,
  at: { readonly now: Date; readonly chance: number },
): Settlement {
  if (error instanceof OtherRunsTurn) {
    return { ...waiting(error, error.after ?? secondsAfter(at.now, 30)), waitingFor: error.holder }
  }
  if (error instanceof RetryLater) return retryLater(error, run, at)
  if (error instanceof NeedsPerson) {
    const { code, message, fix, liftedBy, pausesConnection } = error
    return { state: 'parked', code, reason: message, fix, liftedBy, pausesConnection }
  }
  if (error instanceof Refused) return { state: 'refused', code: error.code, reason: error.message }
  return bug(run, at)
}

function retryLater(
  error: RetryLater,
  run: History,
  at: { readonly now: Date; readonly chance: number },
): Settlement {
  const { after, free, kind } = error
  // Waiting for one's turn is no failing: whatever has failed before, somebody else's turn is not the end of it.
  if (waitKinds[kind] !== 'nothing' && !hasTimeLeft(run.firstFailedAt, at.now)) return gaveUp(error)
  const next = free ? secondsAfter(at.now, 1 + at.chance) : nextTry({ ...run, ...at })
  // A little later than asked, each run at another moment, so that they do not all come back at once.
  const asked = after === undefined ? undefined : secondsAfter(after, at.chance)
  // When a lost effect must be visible is a matter of the destination, not of how often something has failed.
  const exactly = free || error instanceof OutcomeUnclear
  return waiting(error, asked !== undefined && (exactly || asked > next) ? asked : next)
}

function gaveUp(error: RetryLater): Settlement {
  const { code, message } = error.last ?? error
  return {
    state: 'parked',
    code: 'runs.gave_up',
    reason: `Tried for three days. The last failure was ${code}: ${message}`,
    fix: 'Find out why the destination keeps failing, then resume the run.',
    liftedBy: 'person',
    pausesConnection: false,
  }
}

function waiting({ code, message: reason, kind }: RetryLater, nextAt: Date) {
  return { state: 'waiting', code, reason, nextAt, kind } as const
}

/** The text of an unknown error may quote anything, so people see a fixed sentence; the log has where it was thrown. */
function bug(run: History, at: { readonly now: Date; readonly chance: number }): Settlement {
  const next =
    run.failures + 1 < bugTries && hasTimeLeft(run.firstFailedAt, at.now)
      ? nextTry({ ...run, ...at })
      : undefined
  const reason =
    'An unexpected error, which is a bug. The service log has the line of code under this run’s id.'
  if (next !== undefined) return { state: 'waiting', code: 'runs.bug', reason, nextAt: next, kind: 'failure' }
  return {
    state: 'parked',
    code: 'runs.bug',
    reason,
    fix: 'Report it with the log lines of this run. Resume the run after an upgrade that mends it.',
    liftedBy: 'person',
    pausesConnection: false,
  }
}
