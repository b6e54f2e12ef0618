/** The only mapping from the class of a failure to the next state of the run. */
import { secondsAfter } from '../base/clock.ts'
import { NeedsPerson, Refused, RetryLater, UnrecognisedAnswer, waitKinds } from '../base/failure.ts'
import { sentence } from '../base/plain-text.ts'
import { OtherRunsTurn } from '../effects/ensure.ts'
import { OutcomeUnclear } from '../effects/unclear.ts'
import { bugTries, hasTimeLeft, limitPauseSeconds, nextTry, withinTime } from '../runs/retry-policy.ts'
import type { ClaimedRun, Settlement } from '../runs/run.ts'

type History = Pick<ClaimedRun, 'failures' | 'firstFailedAt'> &
  Partial<Pick<ClaimedRun, 'unrecognised' | 'circuit'>>

/** The run parks after this many answers that do not come from the destination's API, or this long after the first. */
export const mostUnrecognised = 3
export const unrecognisedSeconds = 1800
/** The waits before the second and the third attempt: a firewall blocks an address for some minutes. */
const unrecognisedDelays = [60, 600] as const

export function settlementOf(
  error: unknown,
  run: History,
  at: { readonly now: Date; readonly chance: number },
): Settlement {
  if (error instanceof OtherRunsTurn) {
    return { ...waiting(error, error.after ?? secondsAfter(at.now, 30)), waitingFor: error.holder }
  }
  if (error instanceof UnrecognisedAnswer) return unrecognised(error, run, at)
  if (error instanceof RetryLater) return retryLater(error, run, at)
  if (error instanceof NeedsPerson) {
    const { code, reason, fix, resumesOn, pausesConnection } = error
    return { state: 'parked', code, reason, fix: sentence(fix), resumesOn, pausesConnection }
  }
  if (error instanceof Refused) return { state: 'refused', code: error.code, reason: error.reason }
  return bug(run, at)
}

/**
 * What stands between us and the destination refuses something: a value of this hire, which only a person can see, or all there
 * is, which ends by itself. While other runs meet it too their circuit is open: then this one waits as they do.
 */
function unrecognised(
  error: UnrecognisedAnswer,
  run: History,
  at: { readonly now: Date; readonly chance: number },
): Settlement {
  const { times = 0, since = at.now } = run.unrecognised ?? {}
  const isLong = at.now.getTime() - since.getTime() >= unrecognisedSeconds * 1000
  const othersToo = run.circuit?.destination === error.destination
  if (!othersToo && (times + 1 >= mostUnrecognised || isLong)) return edgeRefused(error)
  const delay = unrecognisedDelays[Math.min(times, unrecognisedDelays.length - 1)] ?? 0
  const later = secondsAfter(at.now, delay * (0.75 + at.chance / 2))
  const settlement = retryLater(error, run, at)
  return settlement.state === 'waiting' && settlement.nextAt < later
    ? { ...settlement, nextAt: later }
    : settlement
}

function edgeRefused(error: UnrecognisedAnswer): Settlement {
  const { destination = 'outbound' } = error
  return {
    state: 'parked',
    code: `${destination}.edge_refused`,
    reason: `Something between this service and ${destination} keeps refusing this run. The last time: ${error.reason}`,
    fix:
      'Look at what stands in between: a firewall, a proxy, an allow-list of addresses, the edge of the destination itself. ' +
      'Where other hires go through, a value of this one (a name, the text of a field) may look like an attack to it. ' +
      'A web page with status 200 may also be the answer of a wrong address in the settings. Then resume the run.',
    resumesOn: 'connection',
    pausesConnection: false,
  }
}

function retryLater(
  error: RetryLater,
  run: History,
  at: { readonly now: Date; readonly chance: number },
): Settlement {
  const { after, free, kind } = error
  // Waiting for another run is not a failure, so it never ends a run, whatever has failed before.
  if (waitKinds[kind] !== 'nothing' && !hasTimeLeft(run.firstFailedAt, at.now)) return gaveUp(error)
  const pause = kind === 'rate_limit' ? limitPauseSeconds(run.firstFailedAt, at.now) : 0
  const next = free ? secondsAfter(at.now, Math.max(1, pause) + at.chance) : nextTry({ ...run, ...at })
  // A little later than asked, at a random time, so that the runs do not all return at once.
  const asked = after === undefined ? undefined : secondsAfter(after, at.chance)
  // When a lost effect becomes visible depends on the destination, not on the number of failures.
  const unclear = error instanceof OutcomeUnclear
  const exactly = (free && pause === 0) || unclear
  const nextAt = asked !== undefined && (exactly || asked > next) ? asked : next
  const counts = waitKinds[kind] !== 'nothing' && !unclear
  return waiting(error, counts ? withinTime(run.firstFailedAt, nextAt) : nextAt)
}

function gaveUp(error: RetryLater): Settlement {
  const { code, message } = error.last ?? { code: error.code, message: error.reason }
  return {
    state: 'parked',
    code: 'runs.gave_up',
    reason: `Tried for three days. The last failure was ${code}: ${message}`,
    fix: 'Find out why the destination keeps failing, then resume the run.',
    resumesOn: 'person',
    pausesConnection: false,
  }
}

function waiting(error: RetryLater, nextAt: Date) {
  const { code, reason, kind } = error
  return { state: 'waiting', code, reason, nextAt, kind } as const
}

/** The text of an unknown error may contain anything, so people see a fixed sentence; the log has the stack. */
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
    fix: 'Report it with the log lines of this run. Resume the run after an upgrade that fixes it.',
    resumesOn: 'person',
    pausesConnection: false,
  }
}
