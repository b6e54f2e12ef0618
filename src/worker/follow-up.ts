/**
 * A run that is done, but had to go without something that was announced and may still come (a CV whose file is not there yet), is
 * followed up: one more run of the same event looks again, three times at most. It makes nothing twice, since effects have keys,
 * and it never parks: the hire is done. Why: docs/decisions/0037-what-is-optional.md
 */
import { secondsAfter } from '../base/clock.ts'
import { Failure, RetryLater } from '../base/failure.ts'
import type { JsonObject } from '../base/json.ts'
import type { ClaimedRun, Settlement } from '../runs/run.ts'
import { WorkersDied } from './open-handler.ts'

/** When it looks, after the run that it follows up. */
export const followUpSeconds = [600, 7200, 86_400] as const

type Run = Pick<ClaimedRun, 'followUpSince' | 'claimedAt'>

/** Undefined: no look follows. By the database's clock, as both instants of the run are. */
function nextLook({ followUpSince, claimedAt }: Run): Date | undefined {
  const since = followUpSince ?? claimedAt
  return followUpSeconds.map((seconds) => secondsAfter(since, seconds)).find((look) => look > claimedAt)
}

export function isFollowedUp(run: Run): boolean {
  return nextLook(run) !== undefined
}

/** Of a try that has done its work, except for these. */
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

/** What stops a follow-up stops nothing, since it has only looked. But a bug, and a run that takes workers down, is kept from nobody. */
export function followUpEnds(run: Run, error: unknown, settlement: Settlement): Settlement {
  if (run.followUpSince === undefined || !(error instanceof Failure) || error instanceof WorkersDied) {
    return settlement
  }
  const stops = settlement.state === 'parked' && settlement.resumesOn !== 'connection'
  if (settlement.state !== 'refused' && !stops) return settlement
  const { code, reason } = settlement
  return { state: 'done', result: { did: 'nothing', warnings: [{ code, message: reason }] } }
}
