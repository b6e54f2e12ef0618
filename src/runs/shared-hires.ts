/**
 * The application of an event, fetched once for all of its runs that begin together in this process. Only for a run's first
 * try: a later one comes after somebody has changed something, or after an outage, and reads for itself.
 */
import type { Clock } from '../base/clock.ts'
import type { EventId } from '../base/ids.ts'
import type { HiredApplication } from '../pinpoint/hired-application.ts'
import type { ClaimedRun } from './run.ts'

type Hire = HiredApplication | undefined
export type SharedHires = (
  run: Pick<ClaimedRun, 'attempt' | 'event'>,
  fetch: () => Promise<Hire>,
) => Promise<Hire>

/** Counted from when the fetch began: what it tells is fresh for those who begin within so long. */
const sharedMilliseconds = 2_000

export function createSharedHires(clock: Clock): SharedHires {
  /** In the order in which they began. Nobody's data stays longer than until the next hire. */
  const fetches = new Map<EventId, { readonly until: number; readonly hire: Promise<Hire> }>()
  return ({ attempt, event }, fetch) => {
    const now = clock.now().getTime()
    for (const [id, { until }] of fetches) {
      if (until > now) break
      fetches.delete(id)
    }
    if (attempt !== 1) return fetch()
    const hire = fetches.get(event.id)?.hire ?? fetch()
    if (!fetches.has(event.id)) fetches.set(event.id, { until: now + sharedMilliseconds, hire })
    return hire
  }
}
