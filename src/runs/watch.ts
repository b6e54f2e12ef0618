/** What is rechecked while a run is parked, and after it has ended. */
/** `record`: the application in Pinpoint. `destination`: one of its lists. `hired`: is the application still hired? */
export type RecheckKind = 'record' | 'destination' | 'hired'

/** What a parked run is watched for, as read by the attempt that parked it. */
export interface SeenWatch {
  readonly what: 'record' | 'destination'
  /** The integration's name of the recheck; empty for `record`. */
  readonly name: string
  readonly fingerprint: Buffer
}

/** A recheck as people see it. Instants are ISO 8601. */
export interface RecheckView {
  readonly what: RecheckKind
  readonly name: string
  readonly times: number
  readonly checkedAt: string | null
  readonly nextAt: string
  /** Why the last recheck failed. */
  readonly code: string | null
}
