/** The reading half of `ensure`, which a run and a preview of it share: what is there already, and what keeps an effect from being made. */
import { type Clock, secondsAfter } from '../base/clock.ts'
import { NeedsPerson } from '../base/failure.ts'
import type { Elsewhere, LedgerRow } from '../runs/ports.ts'
import type { Effect, Existing, Made } from '../sdk/ensure.ts'
import { knownRecord, recordElsewhere } from './known-record.ts'
import type { MadeBefore } from './made-before.ts'
import { OutcomeUnclear } from './unclear.ts'

/** What the ledger says of an effect, as far as reading needs it. */
export type KnownEffect = Pick<
  LedgerRow,
  'state' | 'announced' | 'remoteId' | 'madeFor' | 'madeAgo' | 'existsAgo'
>

export interface LocateDeps {
  readonly clock: Clock
  /** What the application has under another key, unless a person has decided of it. */
  readonly elsewhere?: Elsewhere | undefined
  readonly callSeconds?: number | undefined
  /** Asked where `find` cannot see, just before anything is made. Unset: nowhere. */
  readonly madeBefore?: MadeBefore
  /** The application at hand: it matters to what has `findById`. */
  readonly application?: string
  /** A person has said that it is to be made whatever is on record. */
  readonly makeAgain?: boolean
  /** Throws while it may not be made yet. */
  readonly assertMayMake?: () => void
}

export interface Located extends Made {
  /** As the ledger or our own comment told it, where only that knew of it. */
  readonly how?: Existing['how']
}

/** Where it is; undefined when nothing keeps it from being made now. Throws otherwise. Only reads. */
export async function locate(
  deps: LocateDeps,
  known: KnownEffect | undefined,
  effect: Effect,
): Promise<Located | undefined> {
  if (known?.state === 'done') return knownRecord(known, effect, deps)
  // Once a call was announced, only a fresh look says what became of it.
  const first = known?.announced === true ? undefined : effect.firstFind
  const found = first === undefined ? await effect.find() : first.found
  if (found !== undefined) return found
  assertNotThere(effect, known?.existsAgo, deps.clock.now())
  deps.assertMayMake?.()
  if (deps.elsewhere !== undefined) return recordElsewhere(deps.elsewhere, effect, deps)
  if (deps.makeAgain === true) return undefined
  const before = await deps.madeBefore?.(effect)
  if (before !== undefined) return before
  effect.mayMake?.()
  return undefined
}

/** The destination said that it is there: it is not made again, but looked for until it must be visible. */
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
