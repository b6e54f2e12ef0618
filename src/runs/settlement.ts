/** The one table from a failure's class to what becomes of the run. */
import { secondsAfter } from '../base/clock.ts'
import { NeedsPerson, Refused, RetryLater } from '../base/failure.ts'
import { OtherRunsTurn } from './ensure.ts'
import { bugTries, hasTimeLeft, nextTry } from './retry-policy.ts'
import type { ClaimedRun, Settlement } from './run.ts'

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
  // A little later than asked, each run at another moment, so that they do not all come back at once.
  const asked = error.after === undefined ? undefined : secondsAfter(error.after, at.chance)
  if (error.free) {
    if (!hasTimeLeft(run.firstFailedAt, at.now)) return gaveUp(error)
    return waiting(error, asked ?? secondsAfter(at.now, 1 + at.chance))
  }

  const next = nextTry({ ...run, ...at })
  if (next === undefined) return gaveUp(error)
  return waiting(error, asked !== undefined && asked > next ? asked : next)
}

function gaveUp(error: RetryLater): Settlement {
  return {
    state: 'parked',
    code: 'runs.gave_up',
    reason: `Tried for three days. The last failure was ${error.code}: ${error.message}`,
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
  const next = run.failures + 1 < bugTries ? nextTry({ ...run, ...at }) : undefined
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
