/** The reading half of `ensure`, shared by runs and previews: finds what exists already, and throws what prevents an effect from being made. */
import { type Clock, secondsAfter } from '../base/clock.ts'
import { NeedsPerson } from '../base/failure.ts'
import type { Elsewhere, LedgerRow } from '../runs/ports.ts'
import type { Effect, Existing, Made } from '../sdk/ensure.ts'
import { knownRecord, recordElsewhere } from './known-record.ts'
import type { MadeBefore } from './made-before.ts'
import { OutcomeUnclear } from './unclear.ts'

/** The part of a ledger row that reading needs. */
export type KnownEffect = Pick<
  LedgerRow,
  'state' | 'announced' | 'remoteId' | 'madeFor' | 'madeAgo' | 'existsAgo'
>

export interface LocateDeps {
  readonly clock: Clock
  /** The application's record under another key, unless a person has decided about it. */
  readonly elsewhere?: Elsewhere | undefined
  readonly callSeconds?: number | undefined
  /** Searches our own comments just before anything is made. Unset: no such search. */
  readonly madeBefore?: MadeBefore
  /** The run's application. Only effects with `findById` use it. */
  readonly application?: string
  /** A person has decided that a new record is made, whatever the ledger has. */
  readonly makeAgain?: boolean
  /** Throws until it may be made. */
  readonly assertMayMake?: () => void
}

export interface Located extends Made {
  /** Set when only the ledger or our own comment knew the record. */
  readonly how?: Existing['how']
}

/** The existing record, or undefined if it may be made now. Throws if neither. Reads only. */
export async function locate(
  deps: LocateDeps,
  known: KnownEffect | undefined,
  effect: Effect,
): Promise<Located | undefined> {
  if (known?.state === 'done') return knownRecord(known, effect, deps)
  // After an announced call, only a fresh read shows its outcome.
  const first = known?.announced === true ? undefined : effect.firstFind
  const found = first === undefined ? await effect.find() : first.found
  if (found !== undefined && 'id' in found) return found
  // What is occupied explains that the destination said so.
  if (found === undefined) assertNotThere(effect, known?.existsAgo, deps.clock.now())
  deps.assertMayMake?.()
  if (deps.elsewhere !== undefined) return recordElsewhere(deps.elsewhere, effect, deps)
  const before = deps.makeAgain === true ? undefined : await deps.madeBefore?.(effect)
  if (before !== undefined) return before
  if (found !== undefined) throw found.occupied
  if (deps.makeAgain !== true) effect.mayMake?.()
  return undefined
}

/** After the destination's "already exists", it is not made again: the run waits until it must be visible, then parks. */
function assertNotThere({ title, readLagSeconds }: Effect, existsAgo: number | undefined, now: Date): void {
  if (existsAgo === undefined) return
  const wait = readLagSeconds - existsAgo
  if (wait > 0) throw new OutcomeUnclear(title, secondsAfter(now, wait))
  throw new NeedsPerson(
    'runs.exists_unseen',
    `${title}: the destination says that it exists, but these credentials cannot see it.`,
    {
      fix: 'Give the credentials access to all records (also inactive ones), or correct the record, then resume the run.',
      resumesOn: 'connection',
    },
  )
}
