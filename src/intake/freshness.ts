/**
 * Whether an event is young enough to start runs by itself. Pinpoint's signature contains no time, so a captured body can be
 * sent for ever; but the body says when its event happened. docs/decisions/0048-freshness.md
 */
import { secondsAfter } from '../base/clock.ts'
import type { KnownTenant } from './ports.ts'
import type { ReadEvent } from './read-event.ts'

/** Pinpoint resends a webhook for 24 hours. */
const freshSeconds = 7 * 86_400

/** `stale`: a person has to confirm it. `expired`: older than all retention, so that a duplicate would not be recognised. */
export type Freshness = 'fresh' | 'stale' | 'expired'

/** The event of Pinpoint's documentation, which its webhook page sends as a test. It is years old, and its application does not exist. */
const sample = { name: 'application_hired', subject: '1', triggeredAt: 1_614_687_278_000 } as const

/** An event without a time counts as fresh; only its identity keeps it from starting twice. */
export function freshnessOf(
  { name, subject, triggeredAt }: Pick<ReadEvent, 'name' | 'subject' | 'triggeredAt'>,
  { keepFinishedFor, now }: Pick<KnownTenant, 'keepFinishedFor'> & { readonly now: Date },
): Freshness {
  if (triggeredAt === undefined || triggeredAt >= secondsAfter(now, -freshSeconds)) return 'fresh'
  if (name === sample.name && subject === sample.subject && triggeredAt.getTime() === sample.triggeredAt)
    return 'fresh'
  const isKept = keepFinishedFor === 'forever' || triggeredAt >= secondsAfter(now, -keepFinishedFor)
  return isKept ? 'stale' : 'expired'
}

/** The park of the runs of a stale event, until somebody resumes them. */
export const stalePark = {
  state: 'parked',
  code: 'intake.stale',
  reason:
    'Its webhook came more than seven days after the hire. Pinpoint resends a webhook for one day only, so somebody else may ' +
    'have sent an old one again.',
  fix: 'Look at the application in Pinpoint. If the hire is real and is not here yet, resume the run; otherwise cancel it.',
  resumesOn: 'person',
} as const
