/**
 * A run that is done, but without something that was announced and may still appear (a CV whose file is not there yet), gets a
 * follow-up: one more run of the same event searches for it, three times at most. It makes nothing twice, since effects have keys,
 * and it never parks, since the hire is done. Why: docs/decisions/0037-what-is-optional.md
 */
import { secondsAfter } from '../base/clock.ts'
import { Failure, RetryLater } from '../base/failure.ts'
import type { JsonObject } from '../base/json.ts'
import type { ClaimedRun, Settlement } from '../runs/run.ts'
import { WorkersDied } from './open-handler.ts'

/** The times of the follow-ups, counted from the end of the first run. */
export const followUpSeconds = [600, 7200, 86_400] as const

type Run = Pick<ClaimedRun, 'followUpSince' | 'claimedAt'>

/** Undefined: no further follow-up. By the database's clock, as both times of the run. */
function nextLook({ followUpSince, claimedAt }: Run): Date | undefined {
  const since = followUpSince ?? claimedAt
  return followUpSeconds.map((seconds) => secondsAfter(since, seconds)).find((look) => look > claimedAt)
}

export function isFollowedUp(run: Run): boolean {
  return nextLook(run) !== undefined
}

/** For an attempt that did its work, except for these. */
export function doneWithout(
  run: Run,
  { result, missing }: { readonly result: JsonObject; readonly missing: readonly string[] },
): Settlement & { readonly state: 'done' } {
  const [what] = missing
  if (what === undefined) return { state: 'done', result }
  const reason = `Looks again for ${what}, which was announced but not there.`
  if (run.followUpSince === undefined) {
    return { state: 'done', result, followUp: { reason, inSeconds: followUpSeconds[0] } }
  }
  const after = nextLook(run)
  if (after !== undefined) throw new RetryLater('runs.looks_again', reason, { after, kind: 'not_yet' })
  return { state: 'done', result }
}

/** A follow-up that fails ends as done, with a warning, since the hire is done. Bugs and runs that take workers down are settled as usual. */
export function followUpEnds(run: Run, error: unknown, settlement: Settlement): Settlement {
  if (run.followUpSince === undefined || !(error instanceof Failure) || error instanceof WorkersDied) {
    return settlement
  }
  const stops = settlement.state === 'parked' && settlement.resumesOn !== 'connection'
  if (settlement.state !== 'refused' && !stops) return settlement
  const { code, reason } = settlement
  return { state: 'done', result: { did: 'nothing', warnings: [{ code, message: reason }] } }
}
