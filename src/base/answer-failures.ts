/** Failures that are told apart by what an answer says, not by its status alone. */
import { NeedsPerson, RetryLater } from './failure.ts'

/**
 * An answer that is no shape of the destination's API: a firewall's or a proxy's page, a login page, text, nothing. It says
 * nothing of credentials or permissions, so the run waits; after a few of them it parks: src/worker/settlement.ts
 */
export class UnrecognisedAnswer extends RetryLater {
  get status(): number | undefined {
    const { status } = this.details
    return typeof status === 'number' ? status : undefined
  }
}

/** The answer to a read is larger than we keep in memory. Whoever asked asks once more, for less; if that does not help, the run parks. */
export class AnswerTooLarge extends NeedsPerson {}

/**
 * The destination accepts the credentials and says that they may not do this. Where `pausesConnection` is false the hire goes
 * through without it: a handler catches it and warns.
 */
export class PermissionMissing extends NeedsPerson {
  /** Of the call that was refused, such as `docs`. */
  get bucket(): string {
    const { bucket } = this.details
    return typeof bucket === 'string' ? bucket : ''
  }
}
