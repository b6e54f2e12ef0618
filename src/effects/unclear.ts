/**
 * When it is unknown whether an effect was made: how long to wait before searching for it, when it may be made again, and when to
 * give up. docs/decisions/0034-every-wait-counts.md
 */
import { secondsAfter } from '../base/clock.ts'
import { type LastFailure, NeedsPerson, RetryLater, type WaitKind } from '../base/failure.ts'
import type { LedgerRow } from '../runs/ports.ts'
import { makePauseSeconds, mostMakes } from '../runs/retry-policy.ts'
import type { Effect } from '../sdk/ensure.ts'

/** The longest time between announcing a call in the ledger and its effect, in seconds: a killed worker's call can still arrive. */
export const longestCallSeconds = 30

/** From a call without a clear answer to the search that decides: by then its effect has happened and is visible. */
export function unclearSeconds({ readLagSeconds }: Effect, callSeconds = longestCallSeconds): number {
  return callSeconds + readLagSeconds
}

/** The wait for that search, or for the next call. It counts towards the longest time of failing. */
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

/** As many calls as are safe did not make it. */
function givenUp({ title }: Effect, { makes, last }: LedgerRow): NeedsPerson {
  const why =
    last === undefined ? 'none had a clear answer.' : `the last failure was ${last.code}: ${last.message}`
  return new NeedsPerson('runs.gave_up', `${title} was not made by ${makes} calls; ${why}`, {
    fix: 'Find out why the destination keeps failing, then resume the run.',
  })
}

/** Throws unless the effect, which was not found, may be made now. */
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
