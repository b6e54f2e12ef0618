/**
 * `ensure`: find or make one thing in the outside world, at most once, although no destination takes an idempotency
 * key. The ledger row is committed before anything is made. After a lost answer nothing is made blindly: `ensure` searches, waits out
 * the destination's read lag, searches again, and only then makes.
 * The guarantee, and what it assumes: docs/decisions/0006-effects-at-most-once.md
 */
import { type Clock, secondsAfter } from '../base/clock.ts'
import { makingUntil } from '../base/effect-deadline.ts'
import { Failure, RetryLater } from '../base/failure.ts'
import type { RunId } from '../base/ids.ts'
import type { EffectName, Elsewhere, JournalStep, Ledger, LedgerRow } from '../runs/ports.ts'
import { LeaseLost } from '../runs/ports.ts'
import type { ClaimedDecision, Lease } from '../runs/run.ts'
import {
  alreadyExists,
  type Effect,
  type Existing,
  type Made,
  type Occupied,
  type RefusedThisWay,
} from '../sdk/ensure.ts'
import { decisionOn, namedRecord } from './decision.ts'
import { locate, type Located } from './locate.ts'
import type { MadeBefore } from './made-before.ts'
import { assertMayMake, longestCallSeconds, OutcomeUnclear, unclearSeconds } from './unclear.ts'

/**
 * The other run wakes this one when it ends or parks. This is the fallback; it is long because each attempt reads the hire afresh, and
 * a run that waits for a destination may hold its turn for days.
 */
const longestTurnSeconds = 5 * 60

/** Another run works on the same person. Costs no attempt; that run wakes this one. */
export class OtherRunsTurn extends RetryLater {
  readonly holder: RunId

  constructor(holder: RunId, after: Date) {
    super('runs.other_runs_turn', `Run ${holder} is working on the same record; this one follows it.`, {
      after,
      kind: 'turn',
    })
    this.holder = holder
  }
}

export interface EnsureDeps {
  readonly ledger: Ledger
  readonly clock: Clock
  readonly lease: Lease
  /** Default: `longestCallSeconds`. Shorter only in tests whose destinations answer at once or never. */
  readonly callSeconds?: number | undefined
  /** Searches our own comments just before anything is made. Unset: no such search. */
  readonly madeBefore?: MadeBefore
  /** The run's application, and what a person has decided about the run. Only effects with `findById` use them. */
  readonly application?: string
  readonly decision?: ClaimedDecision | undefined
  /** The timeline's line for the effect, written together with it. */
  readonly lineOf?: (ensured: Existing) => JournalStep
}

export async function ensureEffect(deps: EnsureDeps, name: EffectName, effect: Effect): Promise<Existing> {
  const held = await hold(deps, name, effect)
  const decided = decisionOn(held, effect, deps.decision)
  if (decided?.is === 'record') return record(deps, held, await namedRecord(effect, decided.record))
  const row =
    decided === undefined || held.state !== 'done' ? held : await freed(deps, name, { row: held, effect })
  const there = await locate(locating(deps, row, effect), row, effect)
  if (there !== undefined) {
    return row.state === 'done' ? fromLedger(deps, row, there) : record(deps, row, seen(row, there))
  }

  return make(deps, row, effect)
}

/** How many calls may follow the first one of an attempt, each sending something else. */
const mostOtherWays = 2

/** A clear refusal has made nothing, so `make` may be called again: after another `find`, and announced like the first call. */
async function make(deps: EnsureDeps, row: LedgerRow, effect: Effect): Promise<Existing> {
  for (let left = mostOtherWays; ; left--) {
    const made = await announceAndMake(deps, row, effect)
    if (!('refused' in made)) return made
    if (left === 0) throw made.refused
    const found = await effect.find()
    if (found !== undefined) return record(deps, row, seen(row, theirs(found)))
  }
}

async function announceAndMake(
  deps: EnsureDeps,
  row: LedgerRow,
  effect: Effect,
): Promise<Existing | RefusedThisWay> {
  const { ledger, clock, lease, callSeconds = longestCallSeconds } = deps
  // Taken before the database's time, so the deadline is never later than what other processes assume.
  const announcedAt = clock.now()
  await ledger.attempt(lease, row.id)
  const make = () => makingUntil(secondsAfter(announcedAt, callSeconds), () => effect.make())
  return makeOnce(deps, row, { ...effect, make })
}

/** An effect with `findById` is the application's one record, whatever key it was made under. */
async function hold(
  { ledger, clock, lease, application }: EnsureDeps,
  name: EffectName,
  { findById }: Effect,
): Promise<LedgerRow> {
  const row = await ledger.hold(lease, findById === undefined ? name : { ...name, application })
  if ('heldBy' in row) throw new OtherRunsTurn(row.heldBy, secondsAfter(clock.now(), longestTurnSeconds))
  return row
}

/** The row as if nothing had been made. */
async function freed(
  deps: EnsureDeps,
  name: EffectName,
  { row, effect }: { readonly row: LedgerRow; readonly effect: Effect },
): Promise<LedgerRow> {
  await deps.ledger.free(deps.lease, row.id)
  return hold(deps, name, effect)
}

function locating({ clock, callSeconds, decision, ...deps }: EnsureDeps, row: LedgerRow, effect: Effect) {
  return {
    ...deps,
    clock,
    callSeconds,
    elsewhere: undecided(row, effect, decision),
    makeAgain: decision?.decision.is === 'make_again',
    assertMayMake: () => assertMayMake(effect, row, { now: clock.now(), callSeconds }),
  }
}

/** A person who freed the row or decided about this run already knew of older records elsewhere. */
function undecided(
  { elsewhere, madeAt = -Infinity }: LedgerRow,
  effect: Effect,
  decision: ClaimedDecision | undefined,
): Elsewhere | undefined {
  if (elsewhere === undefined || elsewhere.at <= madeAt) return undefined
  return decisionOn({ madeAt: elsewhere.at }, effect, decision) === undefined ? elsewhere : undefined
}

/** A record that appears after a call without a clear answer is ours. */
function seen({ attemptedAgo }: LedgerRow, { id, how }: Located): Existing {
  return { id, how: how ?? (attemptedAgo === undefined ? 'found' : 'adopted') }
}

async function makeOnce(
  deps: EnsureDeps,
  row: LedgerRow,
  effect: Effect,
): Promise<Existing | RefusedThisWay> {
  const { ledger, clock, lease } = deps
  let made
  try {
    made = await effect.make()
  } catch (error) {
    if (!(error instanceof Failure) || isUnclear(error)) return lookAfterUnclear(deps, row, { effect, error })
    await ledger.notMade(lease, row.id)
    throw error
  }
  if (made !== alreadyExists && 'refused' in made) {
    await ledger.notMade(lease, row.id)
    return made
  }
  if (made !== alreadyExists) {
    return { ...(await record(deps, row, { id: made.id, how: 'created' })), madeNow: true }
  }

  await ledger.exists(lease, row.id)
  const found = await effect.find()
  if (found === undefined)
    throw new OutcomeUnclear(effect.title, secondsAfter(clock.now(), effect.readLagSeconds))
  return record(deps, row, seen(row, theirs(found)))
}

function theirs(found: Made | Occupied): Made {
  if ('occupied' in found) throw found.occupied
  return found
}

function isUnclear(error: Failure): boolean {
  return error instanceof RetryLater && error.outcome === 'unclear'
}

/** Most lost answers are settled by one search at once; the rest wait. */
async function lookAfterUnclear(
  deps: EnsureDeps,
  row: LedgerRow,
  { effect, error }: { readonly effect: Effect; readonly error: unknown },
): Promise<Existing> {
  if (error instanceof LeaseLost) throw error
  const last = error instanceof Failure ? { code: error.code, message: error.reason } : undefined
  if (last !== undefined) await deps.ledger.unclear(deps.lease, row.id, last)
  const found = await effect.find()
  // What is occupied may be by what this very call has made, of which not everything shows yet.
  if (found !== undefined && 'id' in found) return record(deps, row, { id: found.id, how: 'adopted' })
  if (!(error instanceof Failure)) throw error
  const visibleBy = secondsAfter(deps.clock.now(), unclearSeconds(effect, deps.callSeconds))
  const kind = error instanceof RetryLater ? error.kind : 'failure'
  throw new OutcomeUnclear(effect.title, visibleBy, { last, kind })
}

async function record(
  { ledger, lease, lineOf }: EnsureDeps,
  row: Pick<LedgerRow, 'id'>,
  ensured: Existing,
): Promise<Existing> {
  await ledger.done(lease, row.id, { ...ensured, line: lineOf?.(ensured) })
  return ensured
}

/** For a row done by this run earlier, `how` stays. For another run's row, the record was found. */
function fromLedger(
  { lease, application }: EnsureDeps,
  { madeBy, madeFor, how = 'found' }: LedgerRow,
  { id }: Located,
): Existing {
  if (madeBy === lease.run) return { id, how }
  const isOurs = how !== 'found' && madeFor !== undefined && madeFor === application
  return { id, how: 'found', ...(isOurs && { madeEarlier: true }) }
}
