/**
 * Failures by what happens next, not by what went wrong. The class decides the run's state, the HTTP status and
 * the exit code; the code says what happened; message, fix and details are shown to people, so they carry ids and
 * field names, never names, e-mails, secrets or URLs of CVs.
 */
import type { JsonObject } from './json.ts'

export interface FailureOptions {
  readonly details?: JsonObject
  readonly cause?: unknown
}

export abstract class Failure extends Error {
  /** `room.what_happened`, stable: people and scripts search for it. */
  readonly code: string
  readonly details: JsonObject

  constructor(code: string, message: string, options: FailureOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
  }
}

/** The world is briefly wrong: 429, 5xx, timeout, lock. The run waits and tries again by itself. */
export class RetryLater extends Failure {
  override readonly name = 'RetryLater'
  /** Not before this instant. Unset: the engine's backoff decides. */
  readonly after: Date | undefined
  /** True when waiting is not the run's fault (a rate limit, another run's turn): it costs no attempt. */
  readonly free: boolean
  /** `unclear`: the call may have had its effect although no answer came. Nobody may repeat it blindly. */
  readonly outcome: 'not_made' | 'unclear'
  /** True: the destination did not answer, or answered that it cannot (5xx). Several in a row open a circuit. */
  readonly outage: boolean

  constructor(
    code: string,
    message: string,
    options: FailureOptions & {
      readonly after?: Date
      readonly free?: boolean
      readonly outcome?: 'not_made' | 'unclear'
      readonly outage?: boolean
    } = {},
  ) {
    super(code, message, options)
    this.after = options.after
    this.free = options.free ?? false
    this.outcome = options.outcome ?? 'not_made'
    this.outage = options.outage ?? false
  }
}

/** What would lift a parked run: a change of the connection's settings or secrets, of the record in Pinpoint or the destination, or a person's decision. */
export type LiftedBy = 'connection' | 'record' | 'person'

/** Somebody must change data, settings or credentials. The run parks, shown with the fix, and can be resumed. */
export class NeedsPerson extends Failure {
  override readonly name = 'NeedsPerson'
  /** What to do, as an instruction: "Set a start date on the offer in Pinpoint." */
  readonly fix: string
  readonly liftedBy: LiftedBy
  /** Every run would meet the same (credentials refused, endpoint gone): the whole connection pauses, not only this run. */
  readonly pausesConnection: boolean

  constructor(
    code: string,
    message: string,
    options: FailureOptions & {
      readonly fix: string
      readonly liftedBy?: LiftedBy
      readonly pausesConnection?: boolean
    },
  ) {
    super(code, message, options)
    this.fix = options.fix
    this.liftedBy = options.liftedBy ?? 'person'
    this.pausesConnection = options.pausesConnection ?? false
  }
}

/** Can never succeed as it stands: tampered, unsupported, gone. The run ends. */
export class Refused extends Failure {
  override readonly name = 'Refused'
}
