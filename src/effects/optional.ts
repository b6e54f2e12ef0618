/**
 * What is welcome but must never stop a run, such as a CV: tried a few times over some minutes, then left. The tries that failed
 * are counted in the run's journal, so that neither a restart nor another worker begins anew.
 */
import { type Clock, secondsAfter } from '../base/clock.ts'
import { Failure, NeedsPerson, RetryLater, waitKinds, WriteRefused } from '../base/failure.ts'
import { parseJson } from '../base/json.ts'
import type { Journal } from '../runs/ports.ts'
import type { ClaimedRun } from '../runs/run.ts'

/** How long to wait at least after the first, second and third try that failed, in seconds; the fourth is the last. */
const waits = [5, 120, 600] as const
/** Nor is it waited longer when somebody asks for that. */
const longestWaitSeconds = 900
/** Limits and circuits are waited out for as long as this; the rest of the run has no more than three days. */
const longestFailingSeconds = 24 * 3600

type Run = Pick<ClaimedRun, 'lease' | 'attempt' | 'journal' | 'firstFailedAt'>

export interface OptionalDeps {
  readonly journal: Journal
  readonly clock: Clock
}

/** Throws while it is to be tried again; else answers what it failed with, or nothing when it worked. */
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
 * About what is optional alone. Not so a bug, credentials that are refused, the database, and what only a real run may do.
 */
export function mayBeLeft(error: unknown): error is Failure {
  if (!(error instanceof Failure) || error instanceof WriteRefused) return false
  if (error instanceof NeedsPerson) return !error.pausesConnection
  return !(error instanceof RetryLater && error.kind === 'database')
}

/** A limit, a circuit or another run's turn: nothing was tried. */
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

/** When to look after an unclear call is not ours to say. */
function later(error: RetryLater, after: Date): RetryLater {
  if (error.outcome === 'unclear') return error
  const { code, message, details, kind } = error
  return new RetryLater(code, message, { details, kind, cause: error, after })
}
