/** What an attempt needs from the rooms above it. */
import type { Pinpoint } from '../pinpoint/client.ts'
import type { HiredApplication } from '../pinpoint/hired-application.ts'
import type { ClaimedRun, Settlement } from '../runs/run.ts'

/** What an attempt has read from Pinpoint by its end. */
export interface AttemptReads {
  /** Undefined: it ended before it could read. */
  readonly pinpoint: Pinpoint | undefined
  /** Undefined: the application was not read. Its `hire` is undefined when Pinpoint does not know it. */
  readonly application: { readonly hire: HiredApplication | undefined; readonly readAt: Date } | undefined
}

export interface Parking {
  /** The settlement, with what is read again while the run is parked; a hire that is revoked too late parks as well. */
  parked(attempt: ParkingAttempt): Promise<Settlement>
}

export interface ParkingAttempt {
  readonly run: ClaimedRun
  readonly error: unknown
  readonly settlement: Settlement
  readonly reads: AttemptReads
}
