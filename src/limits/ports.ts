/** The storage that limits and circuits need. */
import type { ConnectionId } from '../base/ids.ts'
import type { Budget, KnownLimit, LimitKey } from '../base/rate-limit.ts'
import type { Circuit } from '../runs/run.ts'

/** What all processes know of limits. */
export interface LimitStore {
  /** Writes if `from` is still the stored version. Returns what is stored afterwards, and the time by the database's clock. */
  swap(
    key: LimitKey,
    change: { readonly from: number; readonly budget: Budget; readonly exhaustedUntil: Date | undefined },
  ): Promise<{ readonly written: boolean; readonly stored: KnownLimit; readonly at: Date }>
}

export interface CircuitStore {
  /** False when it was open already. */
  open(connection: ConnectionId, circuit: Circuit): Promise<boolean>
  /** One caller now and then is the probe; the others receive a time to come back, each a later one. */
  takeProbe(connection: ConnectionId): Promise<'probe' | 'closed' | { readonly comeBackAt: Date }>
  /** Wakes the runs that waited for it and returns their number; undefined when it was closed already. */
  close(connection: ConnectionId): Promise<number | undefined>
}
