/** What counting calls and opening circuits need of storage. */
import type { ConnectionId, TenantId } from '../base/ids.ts'
import type { Budget } from './pacing.ts'

/** Names one limit. `scope` is the connection, the tenant, or an address whose limit is shared by all that call from it. */
export interface LimitKey {
  readonly scope: string
  readonly connection?: ConnectionId | undefined
  readonly tenant?: TenantId | undefined
  /** With the destination in front: `hibob.search`. */
  readonly bucket: string
}

export interface KnownLimit {
  readonly key: LimitKey
  /** Goes up with each change; 0 when nothing is stored. */
  readonly version: number
  readonly budget: Budget
}

/** What is known of limits, for all processes. */
export interface LimitStore {
  /** Writes when `from` is still the stored version. Answers what is stored then, and the time by the database's clock. */
  swap(
    key: LimitKey,
    change: { readonly from: number; readonly budget: Budget; readonly restsUntil: Date | undefined },
  ): Promise<{ readonly written: boolean; readonly stored: KnownLimit; readonly at: Date }>
}

/** An open circuit: which destination failed, at what, and how in the end. */
export interface Circuit {
  readonly destination: string
  /** True when calls that make something failed: reads that are answered well do not close it. */
  readonly ofEffects: boolean
  readonly code: string
  readonly reason: string
}

export interface CircuitStore {
  /** False when it was open already. */
  open(connection: ConnectionId, circuit: Circuit): Promise<boolean>
  /** One caller in a while is the probe; the others are told when to come back, each at a later moment. */
  takeProbe(connection: ConnectionId): Promise<'probe' | 'closed' | { readonly comeBackAt: Date }>
  /** Wakes the runs that waited for it and says how many; undefined when it was closed already. */
  close(connection: ConnectionId): Promise<number | undefined>
}
