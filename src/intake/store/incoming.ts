/** An event on its way into the database. */
import type { EventId, TenantId } from '../../base/ids.ts'
import type { Sealer } from '../../base/seal.ts'
import type { VerifiedDelivery } from '../ports.ts'

/** One event to store: its merged deliveries, or a hire that a sweep has found. */
export interface Incoming {
  readonly id: EventId
  readonly origin: 'webhook' | 'quarantine' | 'sweep'
  readonly event: Omit<VerifiedDelivery, 'tenant' | 'asked' | 'body'> & {
    readonly tenant: { readonly id: TenantId }
  }
  readonly sealedBody: Buffer
  readonly asked: readonly string[]
  readonly deliveries: number
}

export const eventBodyAad = (event: EventId) => `event:${event}:body`

export function sealBody(sealer: Sealer, event: EventId, body: Buffer): Buffer {
  return sealer.seal(body, eventBodyAad(event))
}
