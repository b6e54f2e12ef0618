/**
 * What is recorded with a park: how the application looked to the attempt that parked the run, so that no change between that
 * read and the first recheck is missed; and, if the connection wants it, a comment that says what is missing.
 */
import type { Clock } from '../base/clock.ts'
import { Failure, NeedsPerson } from '../base/failure.ts'
import { type CommentPort, findComment } from '../effects/comment.ts'
import { ensureEffect } from '../effects/ensure.ts'
import { type Log, safeError } from '../observe/log.ts'
import type { Pinpoint } from '../pinpoint/client.ts'
import type { Ledger } from '../runs/ports.ts'
import type { ClaimedRun } from '../runs/run.ts'
import type { SeenWatch } from '../runs/watch.ts'
import type { Effect } from '../sdk/ensure.ts'
import { NotHired } from '../worker/expected-hire.ts'
import type { AttemptReads, Parking } from '../worker/ports.ts'
import { type Fingerprint, recordSeen } from './fingerprint.ts'
import { parkIfMade } from './revoked-hires.ts'

export interface ParkingDeps {
  readonly fingerprint: Fingerprint
  readonly ledger: Ledger
  readonly clock: Clock
  readonly log: Log
}

export function createParking(deps: ParkingDeps): Parking {
  return {
    async parked({ run, error, settlement, reads }) {
      if (settlement.state === 'refused')
        return error instanceof NotHired ? parkIfMade(run, settlement) : settlement
      if (settlement.state !== 'parked' || !(error instanceof NeedsPerson)) return settlement
      const { pinpoint, application } = reads
      if (pinpoint !== undefined) await commentOnApplication(deps, run, { pinpoint, reason: error })
      return { ...settlement, watches: watchesOf(deps.fingerprint, error, application) }
    },
  }
}

/** What was not read cannot be compared, so it is not watched. */
function watchesOf(
  fingerprint: Fingerprint,
  { watches }: NeedsPerson,
  application: AttemptReads['application'],
): readonly SeenWatch[] {
  return watches.flatMap((watch): readonly SeenWatch[] => {
    if (watch !== 'record')
      return [{ what: 'destination', name: watch.recheck, fingerprint: fingerprint(watch.seen) }]
    return application === undefined
      ? []
      : [{ what: 'record', name: '', fingerprint: fingerprint(recordSeen(application.hire)) }]
  })
}

/** The run parks whether or not the comment is made: `runs show` has the reason as well. */
async function commentOnApplication(
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

/** Tells recruiters what a parked hire lacks: one comment per connection, application and reason. Reasons and fixes contain only ids and field names, so nothing personal gets into a comment that many may read. */
function parkedComment(
  pinpoint: CommentPort,
  { subject, integration }: Pick<ClaimedRun, 'subject' | 'integration'>,
  { code, message, fix }: Pick<NeedsPerson, 'code' | 'message' | 'fix'>,
): Effect {
  const mark = `(${integration}: ${code})`
  return {
    title: 'Comment in Pinpoint about what is missing',
    kind: 'parked_comment',
    key: `${subject} ${code}`,
    readLagSeconds: 5,
    find: () => findComment(pinpoint.comments(subject), ({ text }) => text.includes(mark)),
    make: () => pinpoint.comment(subject, `${message} ${fix} ${mark}`),
  }
}
