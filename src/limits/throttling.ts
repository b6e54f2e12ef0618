/** Why runs of a connection wait although nothing is wrong with them: exhausted limits, and an open circuit. */
import type { ConnectionId } from '../base/ids.ts'

export interface LimitView {
  /** Prefixed with the destination: `hibob.search`. */
  readonly bucket: string
  /** `tenant`: shared by its connections; `address`: by all connections that call from one IP address. */
  readonly countedBy: 'connection' | 'tenant' | 'address'
  /** No call is sent before then. */
  readonly exhaustedUntil: Date | undefined
  /** The windows that are open now. */
  readonly windows: readonly {
    readonly allowed: number
    /** What processes have reserved ahead for their calls is in it: nobody else may use that. */
    readonly used: number
    readonly seconds: number
    readonly resetsAt: Date
  }[]
}

export interface CircuitView {
  readonly destination: string
  readonly code: string
  /** The last failure before it opened. */
  readonly reason: string
  readonly openedAt: Date
  readonly probes: number
  readonly nextProbeAt: Date
}

export interface Throttling {
  readonly limits: readonly LimitView[]
  readonly circuit: CircuitView | undefined
}

export interface ThrottlingCounts {
  readonly exhaustedLimits: number
  readonly openCircuits: number
  readonly pausedConnections: number
}

export interface ThrottlingView {
  /** Limits of each connection, those that it shares with others included. */
  of(connections: readonly ConnectionId[]): Promise<(connection: ConnectionId) => Throttling>
  counts(): Promise<ThrottlingCounts>
}
