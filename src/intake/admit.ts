/** A verified delivery becomes a stored event: the one way in, for webhooks and for what quarantine gives back. */
import type { EventStore, KnownTenant, Recorded } from './ports.ts'
import { readEvent } from './read-event.ts'

export interface AdmitDeps {
  readonly events: EventStore
  /** Every integration's name and the events it handles. */
  readonly handlers: ReadonlyMap<string, readonly string[]>
}

export interface Admissible {
  readonly tenant: KnownTenant
  /** `*`, or the one integration that this webhook is for. */
  readonly asked: string
  readonly body: Buffer
  readonly origin?: 'quarantine'
}

export interface Admitted extends Recorded {
  readonly name: string | undefined
}

export type Admit = (delivery: Admissible) => Promise<Admitted>

/** Resolves after the commit. */
export function createAdmit({ events, handlers }: AdmitDeps): Admit {
  return async (delivery) => {
    const event = readEvent(delivery.body)
    const handledBy = event.subject === undefined ? [] : namesHandling(handlers, event.name)
    const recorded = await events.record({ ...delivery, ...event, handledBy })
    return { ...recorded, name: event.name }
  }
}

function namesHandling(handlers: AdmitDeps['handlers'], event: string | undefined): readonly string[] {
  return [...handlers]
    .filter(([, events]) => event !== undefined && events.includes(event))
    .map(([name]) => name)
}
