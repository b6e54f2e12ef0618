/** A verified delivery becomes a stored event: the only way in, for webhooks and for the quarantine. */
import { type Clock, secondsAfter } from '../base/clock.ts'
import type { EventStore, KnownTenant, Recorded } from './ports.ts'
import type { ReadEvent } from './read-event.ts'

/** Pinpoint's clock may be ahead of ours. A time later than this was misread. */
const mostSecondsAhead = 24 * 3600

export interface AdmitDeps {
  readonly events: EventStore
  /** Every integration's name and the events it handles. */
  readonly handlers: ReadonlyMap<string, readonly string[]>
  readonly clock: Clock
}

export interface Admissible {
  readonly tenant: KnownTenant
  /** `*`, or the one integration that this webhook is for. */
  readonly asked: string
  readonly body: Buffer
  /** The event, read from the body. */
  readonly event: ReadEvent
  readonly origin?: 'quarantine'
  readonly stale?: boolean
}

export interface Admitted extends Recorded {
  readonly name: string | undefined
}

export type Admit = (delivery: Admissible) => Promise<Admitted>

/** Resolves after the commit. */
export function createAdmit({ events, handlers, clock }: AdmitDeps): Admit {
  return async ({ event: { name, subject, identity, ...event }, ...delivery }) => {
    const latest = secondsAfter(clock.now(), mostSecondsAhead)
    const triggeredAt = (event.triggeredAt ?? latest) < latest ? event.triggeredAt : undefined
    const handledBy = subject === undefined ? [] : namesHandling(handlers, name)
    const recorded = await events.record({ ...delivery, name, subject, identity, triggeredAt, handledBy })
    return { ...recorded, name }
  }
}

function namesHandling(handlers: AdmitDeps['handlers'], event: string | undefined): readonly string[] {
  return [...handlers]
    .filter(([, events]) => event !== undefined && events.includes(event))
    .map(([name]) => name)
}
