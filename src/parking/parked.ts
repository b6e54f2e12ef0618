/**
 * What a park takes along: how the application looked to the try that parked the run, so that no change is missed between
 * that read and the first look; and, where the connection wants it, a comment that says what is missing.
 */
import type { Clock } from '../base/clock.ts'
import { Failure, NeedsPerson } from '../base/failure.ts'
import { ensureEffect } from '../effects/ensure.ts'
import { type Log, safeError } from '../observe/log.ts'
import type { Pinpoint } from '../pinpoint/client.ts'
import type { HiredApplication } from '../pinpoint/hired-application.ts'
import type { Ledger } from '../runs/ports.ts'
import type { ClaimedRun, Settlement } from '../runs/run.ts'
import { type Fingerprint, recordSeen } from './fingerprint.ts'
import { parkedComment } from './lift-comment.ts'
import type { SeenWatch } from './ports.ts'
import { unlessMade } from './revoked-hires.ts'

export interface ParkingDeps {
  readonly fingerprint: Fingerprint
  readonly ledger: Ledger
  readonly clock: Clock
  readonly log: Log
}

export interface Parking {
  /** The client, remembering for `parked` what this try reads of the application. */
  follow(run: ClaimedRun, pinpoint: Pinpoint): Pinpoint
  /** The settlement, with what is to be looked at when it parks the run; a hire that is undone too late parks as well. */
  parked(run: ClaimedRun, error: unknown, settlement: Settlement): Promise<Settlement>
}

interface Followed {
  readonly pinpoint: Pinpoint
  /** Undefined until it was read; `hire` is undefined when Pinpoint does not know the application. */
  read?: { readonly hire: HiredApplication | undefined }
}

export function createParking(deps: ParkingDeps): Parking {
  const followed = new WeakMap<ClaimedRun, Followed>()
  return {
    follow(run, pinpoint) {
      const own: Followed = { pinpoint }
      followed.set(run, own)
      return {
        ...pinpoint,
        async hire(applicationId) {
          const hire = await pinpoint.hire(applicationId)
          own.read = { hire }
          return hire
        },
      }
    },
    async parked(run, error, settlement) {
      if (settlement.state === 'refused') return unlessMade(run, settlement)
      if (settlement.state !== 'parked' || !(error instanceof NeedsPerson)) return settlement
      const own = followed.get(run)
      if (own !== undefined) await tell(deps, run, { pinpoint: own.pinpoint, reason: error })
      return { ...settlement, watches: seen(deps.fingerprint, error, own?.read) }
    },
  }
}

/** What was not read cannot be compared: then nothing is watched for. */
function seen(
  fingerprint: Fingerprint,
  { watches }: NeedsPerson,
  read: Followed['read'],
): readonly SeenWatch[] {
  return watches.flatMap((watch): readonly SeenWatch[] => {
    if (watch !== 'record')
      return [{ what: 'destination', name: watch.look, fingerprint: fingerprint(watch.seen) }]
    return read === undefined
      ? []
      : [{ what: 'record', name: '', fingerprint: fingerprint(recordSeen(read.hire)) }]
  })
}

/** Whatever becomes of the comment, the run is parked: its reason is in `runs show` as well. */
async function tell(
  { ledger, clock, log }: ParkingDeps,
  run: ClaimedRun,
  { pinpoint, reason }: { readonly pinpoint: Pinpoint; readonly reason: NeedsPerson },
): Promise<void> {
  if (!run.connection.commentWhenParked || !reason.watches.includes('record')) return
  const effect = parkedComment(pinpoint, run, reason)
  try {
    const { title, kind, key } = effect
    const name = { connection: run.connection.id, kind, key, title }
    await ensureEffect({ ledger, clock, lease: run.lease }, name, effect)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    log.warn({ run: run.lease.run, ...safeError(error) }, 'no comment made about a parked run')
  }
}
