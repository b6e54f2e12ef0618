/** What circuits need of storage. */
import type { ConnectionId } from '../base/ids.ts'

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
