/** A person's decision about a parked run, which a machine must not take: which record is the hire's, or that a new one is made. */
import { NeedsPerson } from '../base/failure.ts'
import type { LedgerRow } from '../runs/ports.ts'
import type { ClaimedDecision, Decision } from '../runs/run.ts'
import type { Effect, Existing } from '../sdk/ensure.ts'

/**
 * The decision, as far as it applies to this row. It does not apply to a younger row: then it has had its effect already, or another
 * run has made something that the person did not know. So it counts once, however many attempts follow.
 */
export function decisionOn(
  { madeAt }: Pick<LedgerRow, 'madeAt'>,
  { findById }: Pick<Effect, 'findById'>,
  taken: ClaimedDecision | undefined,
): Decision | undefined {
  if (taken === undefined || findById === undefined) return undefined
  return madeAt === undefined || madeAt < taken.before ? taken.decision : undefined
}

/** The record that a person named, if the destination shows it. */
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
