/**
 * Whether a run may act on the application as Pinpoint shows it. A webhook can be faster than the API, so an application that is not
 * shown as hired is read again for some minutes. docs/decisions/0033-early-webhooks.md
 */
import { secondsAfter } from '../base/clock.ts'
import { Refused, RetryLater } from '../base/failure.ts'
import { quoted } from '../base/plain-text.ts'
import type { HiredApplication } from '../pinpoint/hired-application.ts'
import type { ClaimedRun } from '../runs/run.ts'

/** Counted from the receipt of the event. */
const expectedForSeconds = 15 * 60
const firstPauseSeconds = 5
const longestPauseSeconds = 5 * 60

/** Pinpoint's sample event names application 1, and a time years ago. */
const sampleApplication = '1'
const daySeconds = 86_400

/** Pinpoint does not show the application, or not as hired, and the run does not wait any longer. */
export class NotHired extends Refused {}

/** The part of a run that decides whether its hire is still expected. */
export interface Expecting extends Pick<ClaimedRun, 'subject'> {
  readonly tenant: Pick<ClaimedRun['tenant'], 'demoHires'>
  readonly event: Pick<ClaimedRun['event'], 'triggeredAt' | 'receivedAt'>
  /** The number of earlier reads. */
  readonly reads: number
  /** By the same clock as `receivedAt`. Undefined: the run has made something already, so it has seen its hire. */
  readonly now: Date | undefined
  /** False for a preview, which reports what it reads. */
  readonly waits: boolean
}

export function expectingOf(run: ClaimedRun): Expecting {
  const { subject, tenant, event, notHiredYet: reads, claimedAt, journal } = run
  return { subject, tenant, event, reads, now: journal.size === 0 ? claimedAt : undefined, waits: true }
}

/** The application, when it is hired. Otherwise throws: `RetryLater` while it is expected, then `Refused`. */
export function assertHired(hire: HiredApplication | undefined, run: Expecting): HiredApplication {
  if (hire === undefined) throw absent(run)
  const { stageType: stage = 'hired', isDemo } = hire
  if (stage === 'hired' || (isDemo && run.tenant.demoHires)) return hire
  const hint = isDemo ? demoHint : ''
  const { since, again } = expected(run)
  if (again !== undefined) {
    throw new RetryLater(
      'pinpoint.not_hired_yet',
      `Application ${run.subject} is not in a hired stage yet (it is in ${quoted(stage)}). ${again.told}${hint}`,
      again,
    )
  }
  throw new NotHired(
    'pinpoint.not_hired',
    `Application ${run.subject} is not in a hired stage${since} (it is in ${quoted(stage)}).${hint}`,
  )
}

const demoHint =
  ' It is demo data: to try hires of it in any stage, set `demoHires: true` below `pinpoint` in the tenant’s file and apply it.'

function absent(run: Expecting): Refused | RetryLater {
  const { subject, event } = run
  if (subject === sampleApplication && event.triggeredAt < secondsAfter(event.receivedAt, -daySeconds)) {
    return new Refused(
      'pinpoint.sample_event',
      'This is Pinpoint’s sample event: the connection works, there is nothing to do.',
    )
  }
  const { since, again } = expected(run)
  if (again !== undefined) {
    return new RetryLater(
      'pinpoint.not_hired_yet',
      `Application ${subject} does not exist in Pinpoint yet. ${again.told}`,
      again,
    )
  }
  return new NotHired(
    'pinpoint.application_gone',
    `Application ${subject} does not exist in Pinpoint${since}.`,
  )
}

interface Expected {
  /** The end of the sentence about what Pinpoint does not show. */
  readonly since: string
  /** Unset: the run does not wait. */
  readonly again?: { readonly after: Date; readonly kind: 'not_yet'; readonly told: string }
}

function expected({ event, reads, now, waits }: Expecting): Expected {
  if (now === undefined) return { since: ' any more' }
  const until = secondsAfter(event.receivedAt, expectedForSeconds)
  if (now >= until) {
    const minutes = expectedForSeconds / 60
    const since =
      reads === 0 ? ' any more' : ` after ${reads + 1} reads in the ${minutes} minutes since its webhook`
    return { since }
  }
  if (!waits) return { since: ' yet' }
  const next = secondsAfter(now, Math.min(longestPauseSeconds, firstPauseSeconds * 3 ** reads))
  const told = `The run reads it again until ${until.toISOString()}.`
  return { since: ' yet', again: { after: next < until ? next : until, kind: 'not_yet', told } }
}
