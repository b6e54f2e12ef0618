/** A record that the ledger has, as this run may use it. Shared by runs and previews. */
import { type Clock, secondsAfter } from '../base/clock.ts'
import { NeedsPerson, RetryLater } from '../base/failure.ts'
import { parseJson } from '../base/json.ts'
import type { Elsewhere } from '../runs/ports.ts'
import type { Effect, Existing, Made } from '../sdk/ensure.ts'
import { OutcomeUnclear, unclearSeconds } from './unclear.ts'

export interface KnownRow {
  readonly remoteId: string | undefined
  /** The application that it was made or found for. Undefined: no longer known. */
  readonly madeFor: string | undefined
  /** How long ago, in seconds. */
  readonly madeAgo: number | undefined
}

/**
 * The application that made the record takes it as it is. Another application with the same key reads it again by id, since by now
 * the person may have left, the record may be deleted, or the key may belong to two people.
 */
export async function knownRecord(
  { remoteId, madeFor, madeAgo }: KnownRow,
  { title, readLagSeconds, findById }: Effect,
  { application, clock }: { readonly application?: string; readonly clock: Pick<Clock, 'now'> },
): Promise<Made> {
  if (remoteId === undefined) throw new Error(`${title} is done without a remote id`)
  if (findById === undefined || (madeFor !== undefined && madeFor === application)) return { id: remoteId }

  const shown = await findById(remoteId, 'on_record')
  if (shown !== undefined) return shown
  const lag = readLagSeconds - (madeAgo ?? readLagSeconds)
  if (lag > 0) {
    throw new RetryLater('runs.record_not_shown_yet', `${title}: record ${remoteId} was made moments ago.`, {
      after: secondsAfter(clock.now(), lag),
      kind: 'unclear',
    })
  }
  throw new NeedsPerson(
    'runs.record_not_shown',
    `${title}: the destination does not show record ${remoteId}, which is on record for this person. Deleted, or hidden from us?`,
    {
      details: { record: remoteId },
      fix:
        'If it is hidden, let the credentials see it, then resume the run. If it was deleted: runs resume RUN --make-again. ' +
        'If they have another record: runs resume RUN --record ID.',
    },
  )
}

/**
 * The application's record under a key that has since changed. After a call without a clear answer the run waits, then parks for a
 * person: only the hash of the old key is known, so no search by it is possible.
 */
export async function recordElsewhere(
  { record, ago }: Elsewhere,
  effect: Effect,
  { clock, callSeconds }: { readonly clock: Pick<Clock, 'now'>; readonly callSeconds?: number | undefined },
): Promise<Existing> {
  if (record !== undefined) {
    const { id } = await knownRecord({ remoteId: record.id, madeFor: undefined, madeAgo: ago }, effect, {
      clock,
    })
    return { id, how: record.how === 'found' ? 'found' : 'adopted' }
  }
  const { title } = effect
  const wait = unclearSeconds(effect, callSeconds) - ago
  if (wait > 0) throw new OutcomeUnclear(title, secondsAfter(clock.now(), wait))
  throw new NeedsPerson(
    'runs.maybe_made',
    `${title}: an earlier call for this application had no clear answer, and the e-mail or whatever else it goes by has changed since.`,
    {
      fix:
        'Look in the destination whether the record was made, with the earlier e-mail. If it is there: runs resume RUN --record ID. ' +
        'If not: runs resume RUN --make-again.',
    },
  )
}

/** An effect's journalled output. */
export function journalledRecord(
  output: string,
): { readonly id: string; readonly knownById: boolean } | undefined {
  const ensured = parseJson(output)
  if (typeof ensured !== 'object' || ensured === null) return undefined
  const id = 'id' in ensured ? ensured.id : undefined
  const knownById = 'knownById' in ensured && ensured.knownById === true
  return typeof id === 'string' ? { id, knownById } : undefined
}
