/** What quarantine needs of storage. */
import type { QuarantineId, TenantId } from '../base/ids.ts'

export interface QuarantineLimits {
  /** Of one tenant. */
  readonly maxDeliveries: number
  /** Of the bodies of one tenant together. */
  readonly maxBytes: number
}

/** One refused delivery, to be sealed and kept. */
export interface Suspect {
  readonly tenant: TenantId | undefined
  readonly asked: string
  /** 32 bytes; undefined: it can never be verified. */
  readonly signature: Buffer | undefined
  /** The application, where the body reads as a hire. */
  readonly subject: string | undefined
  readonly body: Buffer
  readonly receivedAt: Date
}

/** `again`: the same bytes are there already. `no_room`: the limits of the tenant or the application are reached; what is older stays. */
export type Kept = 'kept' | 'again' | 'no_room'

export interface QuarantineWriter {
  /** One answer each, in order. Rejects with nothing kept. */
  add(suspects: readonly Suspect[]): Promise<readonly Kept[]>
}

/** One that may be verified again, with its body in clear: in memory only. */
export interface Quarantined {
  readonly id: QuarantineId
  readonly tenant: TenantId | undefined
  readonly asked: string
  /** Whether it came with this signature, of 32 bytes. */
  readonly isSignedWith: (signature: Buffer) => boolean
  /** Undefined: the key that sealed it is not here, or it was changed. */
  readonly body: Buffer | undefined
}

/** What people see of one: nothing of its body. */
export interface QuarantineView {
  readonly id: string
  /** Slug; null: its address names no tenant, and no tenant's secret verified it. */
  readonly tenant: string | null
  /** `*`, or the integration that its address named. */
  readonly asked: string
  readonly signature: 'wrong' | 'missing'
  readonly bytes: number
  /** How often it came. */
  readonly deliveries: number
  readonly receivedAt: string
  readonly lastDeliveryAt: string
}

export interface QuarantineAdmin {
  /** Oldest first, after this id; those with a signature only. With a tenant: its own, and those of no tenant. */
  page(
    after: string,
    options: { readonly tenant?: TenantId; readonly limit: number },
  ): Promise<readonly Quarantined[]>
  open(id: string): Promise<Quarantined | undefined>
  remove(ids: readonly QuarantineId[]): Promise<void>
  /** Newest first. */
  list(filter: { readonly tenant?: string; readonly limit: number }): Promise<readonly QuarantineView[]>
  show(id: string): Promise<QuarantineView | undefined>
  /** All, of one tenant (its slug), or one. How many there were. */
  purge(which: { readonly tenant?: string; readonly id?: string }): Promise<number>
  /** Those older than so many days, unless any process has done so within the hour: then undefined. */
  prune(days: number): Promise<number | undefined>
}
