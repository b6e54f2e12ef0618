/**
 * The application of an event, fetched once for all connections whose runs begin together in this process. Only for a run's
 * first try, and once for each connection: what comes later follows a change or an outage, and reads for itself.
 */
import type { Clock } from '../base/clock.ts'
import type { ConnectionId, EventId } from '../base/ids.ts'
import type { HiredApplication } from '../pinpoint/hired-application.ts'

type Hire = HiredApplication | undefined

interface Reader {
  readonly attempt: number
  readonly event: { readonly id: EventId }
  readonly connection: { readonly id: ConnectionId }
}
export type SharedHires = (run: Reader, fetch: () => Promise<Hire>) => Promise<Hire>

/** Counted from when the fetch began: what it tells is fresh for those who begin within so long. */
const sharedMilliseconds = 2_000

interface Fetched {
  readonly until: number
  readonly hire: Promise<Hire>
  readonly readers: Set<ConnectionId>
}

export function createSharedHires(clock: Clock): SharedHires {
  /** In the order in which they began. Nobody's data stays longer than until the next hire. */
  const fetches = new Map<EventId, Fetched>()
  return ({ attempt, event, connection }, fetch) => {
    const now = clock.now().getTime()
    for (const [id, { until }] of fetches) {
      if (until > now) break
      fetches.delete(id)
    }
    const there = fetches.get(event.id)
    if (attempt !== 1 || there?.readers.has(connection.id) === true) return fetch()
    if (there === undefined) {
      const hire = fetch()
      fetches.set(event.id, { until: now + sharedMilliseconds, hire, readers: new Set([connection.id]) })
      return hire
    }
    there.readers.add(connection.id)
    return there.hire
  }
}
