/**
 * When nobody knows whether an effect was made: until when to wait before it is looked for, when it may be made again, and when
 * that has been tried often enough. docs/decisions/0034-every-wait-counts.md
 */
import { secondsAfter } from '../base/clock.ts'
import { type LastFailure, NeedsPerson, RetryLater, type WaitKind } from '../base/failure.ts'
import type { LedgerRow } from '../runs/ports.ts'
import { makePauseSeconds, mostMakes } from '../runs/retry-policy.ts'
import type { Effect } from '../sdk/ensure.ts'

/** How long after it was announced in the ledger a call may be under way, in seconds: a killed worker's call can still land so late. */
export const longestCallSeconds = 30

/** From the call that had no clear answer to the look that decides: it has landed by then, and can be seen. */
export function unclearSeconds({ readLagSeconds }: Effect, callSeconds = longestCallSeconds): number {
  return callSeconds + readLagSeconds
}

/** The wait for that look, or for the next call. Its time counts as time of failing. */
export class OutcomeUnclear extends RetryLater {
  constructor(
    title: string,
    after: Date,
    {
      last,
      kind = 'unclear',
      next = 'Looking again when it must have become visible.',
    }: { readonly last?: LastFailure | undefined; readonly kind?: WaitKind; readonly next?: string } = {},
  ) {
    const why = last?.message ?? 'An earlier call had no clear answer.'
    super('runs.outcome_unclear', `${title}: ${why} ${next}`, { after, kind, outcome: 'unclear', last })
  }
}

/** It was not made by as many calls as are safe. */
function givenUp({ title }: Effect, { makes, last }: LedgerRow): NeedsPerson {
  const why =
    last === undefined ? 'none had a clear answer.' : `the last failure was ${last.code}: ${last.message}`
  return new NeedsPerson('runs.gave_up', `${title} was not made by ${makes} calls; ${why}`, {
    fix: 'Find out why the destination keeps failing, then resume the run.',
  })
}

/** Throws unless the effect, which is not to be seen, may be made now. */
export function assertMayMake(
  effect: Effect,
  row: LedgerRow,
  { now, callSeconds }: { readonly now: Date; readonly callSeconds: number | undefined },
): void {
  const { attemptedAgo, makes, last } = row
  if (attemptedAgo === undefined) return
  const wait = unclearSeconds(effect, callSeconds) - attemptedAgo
  if (wait > 0) throw new OutcomeUnclear(effect.title, secondsAfter(now, wait), { last })
  if (makes >= mostMakes) throw givenUp(effect, row)
  const pause = makePauseSeconds(makes, row.id) - attemptedAgo
  if (pause > 0) {
    const next = `It was not made by ${makes} calls; the next one follows later.`
    throw new OutcomeUnclear(effect.title, secondsAfter(now, pause), { last, next })
  }
}
