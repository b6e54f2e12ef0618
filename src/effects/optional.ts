/**
 * Work that is welcome but must never stop a run, such as a CV: a few tries over some minutes, then the run goes on without it.
 * Failed tries are counted in the run's journal, so a restart or another worker does not start over.
 */
import { type Clock, secondsAfter } from '../base/clock.ts'
import { Failure, NeedsPerson, RetryLater, waitKinds, WriteRefused } from '../base/failure.ts'
import { parseJson } from '../base/json.ts'
import type { Journal } from '../runs/ports.ts'
import type { ClaimedRun } from '../runs/run.ts'

/** The least wait after each failed try but the last, in seconds: what fails for a moment is over soon, a dead link stays dead. */
const waits = [5, 20, 60, 120, 600] as const
/** If the destination asks for a longer wait than this, the run goes on without it. */
const longestWaitSeconds = 900
/** The longest wait for limits and circuits. The whole run has at most three days. */
const longestFailingSeconds = 24 * 3600

type Run = Pick<ClaimedRun, 'lease' | 'attempt' | 'journal' | 'firstFailedAt'>

export interface OptionalDeps {
  readonly journal: Journal
  readonly clock: Clock
}

/** Throws if another try follows. Otherwise resolves to the failure, or to undefined if it worked. */
export async function tryOptional(
  deps: OptionalDeps,
  run: Run,
  { title, work }: { readonly title: string; readonly work: () => Promise<void> },
): Promise<Failure | undefined> {
  const startedAt = deps.clock.now()
  try {
    await work()
    return undefined
  } catch (error) {
    if (!mayBeLeft(error)) throw error
    if (error instanceof RetryLater) await throwWhilePatient(deps, run, { title, error, startedAt })
    return error
  }
}

/**
 * True for failures of the optional work itself: not for bugs, refused credentials, the database, or writes in a preview.
 */
export function mayBeLeft(error: unknown): error is Failure {
  if (!(error instanceof Failure) || error instanceof WriteRefused) return false
  if (error instanceof NeedsPerson) return !error.pausesConnection
  return !(error instanceof RetryLater && error.kind === 'database')
}

/** A limit, an open circuit or another run's turn: nothing was called. */
export function isTurn(error: Failure): boolean {
  return error instanceof RetryLater && error.free && error.outcome !== 'unclear'
}

async function throwWhilePatient(
  { journal, clock }: OptionalDeps,
  run: Run,
  tried: { readonly title: string; readonly error: RetryLater; readonly startedAt: Date },
): Promise<void> {
  const { error, startedAt } = tried
  const now = clock.now()
  if (isTurn(error)) {
    if (waitKinds[error.kind] === 'nothing' || !isFailingForLong(run, now)) throw error
    return
  }
  const title = `${tried.title}, tries that failed`
  const failed = 1 + countIn(run.journal.get(title)?.output)
  const line = { title, outcome: `${failed} (${error.code})`, output: String(failed), remoteId: undefined }
  await journal.write(run.lease, { ...line, attempt: run.attempt, startedAt })

  const wait = waits[failed - 1]
  if (wait === undefined) return
  const { after = now } = error
  if (after > secondsAfter(now, longestWaitSeconds)) return
  throw later(error, new Date(Math.max(after.getTime(), secondsAfter(now, wait).getTime())))
}

function isFailingForLong({ firstFailedAt }: Run, now: Date): boolean {
  return firstFailedAt !== undefined && now >= secondsAfter(firstFailedAt, longestFailingSeconds)
}

function countIn(output: string | undefined): number {
  const count = output === undefined ? 0 : parseJson(output)
  return typeof count === 'number' ? count : 0
}

/** After an unclear call the time of the next read is already set, and is kept. */
function later(error: RetryLater, after: Date): RetryLater {
  if (error.outcome === 'unclear') return error
  const { code, message, details, kind } = error
  return new RetryLater(code, message, { details, kind, cause: error, after })
}
