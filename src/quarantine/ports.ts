/** The storage that the quarantine needs. */
import type { QuarantineId, TenantId } from '../base/ids.ts'

export interface QuarantineLimits {
  /** Per tenant. */
  readonly maxDeliveries: number
  /** The total of one tenant's bodies. */
  readonly maxBytes: number
}

/** One refused delivery, to be sealed and stored. */
export interface Suspect {
  readonly tenant: TenantId | undefined
  readonly asked: string
  /** 32 bytes; undefined: it can never be verified. */
  readonly signature: Buffer | undefined
  /** The application, if the body reads as a hire. */
  readonly subject: string | undefined
  readonly body: Buffer
  readonly receivedAt: Date
}

/** `again`: the same bytes are stored already. `no_room`: the limits of the tenant or the application are reached; older deliveries stay. */
export type Kept = 'kept' | 'again' | 'no_room'

export interface QuarantineWriter {
  /** One result each, in order. Rejects with nothing stored. */
  add(suspects: readonly Suspect[]): Promise<readonly Kept[]>
}

/** A delivery that can be verified again, with its body decrypted: in memory only. */
export interface Quarantined {
  readonly id: QuarantineId
  readonly tenant: TenantId | undefined
  readonly asked: string
  /** Whether it arrived with this signature, of 32 bytes. */
  readonly isSignedWith: (signature: Buffer) => boolean
  /** Undefined: its key is not here, or its envelope was changed. */
  readonly body: Buffer | undefined
}

/** A delivery as people see it: nothing of its body. */
export interface QuarantineView {
  readonly id: string
  /** Slug; null: its URL names no tenant, and no tenant's secret verified it. */
  readonly tenant: string | null
  /** `*`, or the integration that its URL names. */
  readonly asked: string
  readonly signature: 'wrong' | 'missing'
  readonly bytes: number
  /** How often it arrived. */
  readonly deliveries: number
  readonly receivedAt: string
  readonly lastDeliveryAt: string
}

export interface QuarantineAdmin {
  /** Oldest first, after this id; only those with a signature. With a tenant: its own, and those without a tenant. */
  page(
    after: string,
    options: { readonly tenant?: TenantId; readonly limit: number },
  ): Promise<readonly Quarantined[]>
  open(id: string): Promise<Quarantined | undefined>
  remove(ids: readonly QuarantineId[]): Promise<void>
  /** Newest first. */
  list(filter: { readonly tenant?: string; readonly limit: number }): Promise<readonly QuarantineView[]>
  show(id: string): Promise<QuarantineView | undefined>
  /** All, those of one tenant (its slug), or one. Returns their number. */
  purge(which: { readonly tenant?: string; readonly id?: string }): Promise<number>
  /** Prunes deliveries older than this many days, unless a process has done so within the hour: then undefined. */
  prune(days: number): Promise<number | undefined>
}
