/** What is looked at while a run is parked, and after it has ended. */
/** `record`: the application in Pinpoint. `destination`: a list there. `hired`: is the application still hired? */
export type RecheckKind = 'record' | 'destination' | 'hired'

/** What a parked run is watched for, as the try that parked it has seen it. */
export interface SeenWatch {
  readonly what: 'record' | 'destination'
  /** The integration's name of the look; empty for the record. */
  readonly name: string
  readonly fingerprint: Buffer
}

/** A look as people see it. Instants are ISO 8601. */
export interface RecheckView {
  readonly what: RecheckKind
  readonly name: string
  readonly times: number
  readonly checkedAt: string | null
  readonly nextAt: string
  /** Why the last look failed. */
  readonly code: string | null
}
