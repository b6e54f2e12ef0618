/**
 * Whether an event is young enough to start something by itself. Pinpoint's signature has no time of its own, so whoever has one
 * signed body can send it for ever; but the body says when its event happened. docs/decisions/0048-freshness.md
 */
import { secondsAfter } from '../base/clock.ts'
import type { KnownTenant } from './ports.ts'
import type { ReadEvent } from './read-event.ts'

/** Pinpoint sends a webhook again for 24 hours. */
const freshSeconds = 7 * 86_400

/** `stale`: a person has to say that it is real. `expired`: older than anything that is kept, and so not known any more. */
export type Freshness = 'fresh' | 'stale' | 'expired'

/** The event of Pinpoint's documentation, which its page of a webhook sends as a test. Its moment is years ago, and its application nobody's. */
const sample = { name: 'application_hired', subject: '1', triggeredAt: 1_614_687_278_000 } as const

/** Of an event that does not say when it happened nothing is known; only its identity keeps it from starting twice. */
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

/** What stands at the runs of a stale event until somebody resumes them. */
export const stalePark = {
  state: 'parked',
  code: 'intake.stale',
  reason:
    'Its webhook came more than seven days after the hire. Pinpoint sends one again for a day, so this may be an old one that ' +
    'somebody else has sent.',
  fix: 'Look at the application in Pinpoint. If the hire is real and is not here yet, resume the run; otherwise cancel it.',
  resumesOn: 'person',
} as const
