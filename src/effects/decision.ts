/** What a person decides of a parked run that a machine must not: which record is the hire's, or that a new one is made. */
import { NeedsPerson } from '../base/failure.ts'
import type { LedgerRow } from '../runs/ports.ts'
import type { ClaimedDecision, Decision } from '../runs/run.ts'
import type { Effect, Existing } from '../sdk/ensure.ts'

/**
 * What the decision says of this row, unless that is younger than what was decided of: then the decision has had its effect, or
 * another run has made something since that the person did not know. So it counts once, however often its run is tried.
 */
export function decisionOn(
  { madeAt }: Pick<LedgerRow, 'madeAt'>,
  { findById }: Pick<Effect, 'findById'>,
  taken: ClaimedDecision | undefined,
): Decision | undefined {
  if (taken === undefined || findById === undefined) return undefined
  return madeAt === undefined || madeAt < taken.before ? taken.decision : undefined
}

/** The record that a person has named, if the destination shows it. */
export async function namedRecord({ title, findById }: Effect, record: string): Promise<Existing> {
  const shown = await findById?.(record, 'by_person')
  if (shown !== undefined) return { id: shown.id, how: 'found' }
  throw new NeedsPerson(
    'runs.named_record_not_shown',
    `${title}: the destination shows no record ${record}, which a person has named.`,
    {
      details: { record },
      fix: 'Look the id up in the destination, and whether the credentials may see it; then: runs resume RUN --record ID.',
    },
  )
}
