/** What counting calls and opening circuits need of storage. */
import type { ConnectionId } from '../base/ids.ts'
import type { Budget, KnownLimit, LimitKey } from '../base/rate-limit.ts'
import type { Circuit } from '../runs/run.ts'

/** What is known of limits, for all processes. */
export interface LimitStore {
  /** Writes when `from` is still the stored version. Answers what is stored then, and the time by the database's clock. */
  swap(
    key: LimitKey,
    change: { readonly from: number; readonly budget: Budget; readonly exhaustedUntil: Date | undefined },
  ): Promise<{ readonly written: boolean; readonly stored: KnownLimit; readonly at: Date }>
}

export interface CircuitStore {
  /** False when it was open already. */
  open(connection: ConnectionId, circuit: Circuit): Promise<boolean>
  /** One caller in a while is the probe; the others are told when to come back, each at a later moment. */
  takeProbe(connection: ConnectionId): Promise<'probe' | 'closed' | { readonly comeBackAt: Date }>
  /** Wakes the runs that waited for it and says how many; undefined when it was closed already. */
  close(connection: ConnectionId): Promise<number | undefined>
}
