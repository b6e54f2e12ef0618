/**
 * Failures by what happens next, not by what went wrong. The class decides the run's state, the HTTP status and
 * the exit code; the code says what happened; message, fix and details are shown to people, so they carry ids and
 * field names, never names, e-mails, secrets or URLs of CVs. Text from others appears in them `quoted`.
 */
import type { Json, JsonObject } from './json.ts'
import { sentence } from './plain-text.ts'

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

  /** The destination of the failed call: `pinpoint`, the name of an integration, or `file`. Undefined: no call failed. */
  get destination(): string | undefined {
    const { destination } = this.details
    return typeof destination === 'string' ? destination : undefined
  }

  /**
   * What a run's timeline shows: the message on one line of at most 2,000 characters, with the id under which the vendor
   * logged the call.
   */
  get reason(): string {
    const { requestId } = this.details
    return sentence(this.message) + (typeof requestId === 'string' ? ` (request id ${requestId})` : '')
  }
}

/**
 * What a run waits for, and so what the wait costs.
 * An attempt and time: `outage`, the destination did not answer or answered that it cannot (several in a row open a circuit);
 *   `failure`, another failure that may pass; `database`, our database is unavailable.
 * Time only, so that three days of it are three days of failing: `rate_limit`, a limit that the destination reported (429);
 *   `circuit`, the probe of an open circuit; `unclear`, the moment when an effect must have become visible; `busy`, this service.
 * Nothing: `permit`, a limit that is known to be exhausted, so nothing was sent; `turn`, another run goes first;
 *   `not_yet`, something that is expected to appear.
 */
export const waitKinds = {
  outage: 'attempt',
  failure: 'attempt',
  database: 'attempt',
  rate_limit: 'time',
  circuit: 'time',
  unclear: 'time',
  busy: 'time',
  permit: 'nothing',
  turn: 'nothing',
  not_yet: 'nothing',
} as const satisfies Readonly<Record<string, 'attempt' | 'time' | 'nothing'>>

export type WaitKind = keyof typeof waitKinds

/** What finally went wrong, as people read it: never a wait. */
export type LastFailure = Pick<Failure, 'code' | 'message'>

/** A temporary condition: 429, 5xx, timeout, lock. The run waits and continues by itself. */
export class RetryLater extends Failure {
  override readonly name = 'RetryLater'
  readonly kind: WaitKind
  /** Not before this instant. Unset: the engine's backoff decides. */
  readonly after: Date | undefined
  /** Waiting is not the run's fault: it costs no attempt. */
  readonly free: boolean
  /** `unclear`: the call may have had its effect although no answer came. It must not be repeated blindly. */
  readonly outcome: 'not_made' | 'unclear'
  /** The failure that caused this wait, if it is a different one. */
  readonly last: LastFailure | undefined

  constructor(
    code: string,
    message: string,
    options: FailureOptions & {
      /** Default: `failure`. */
      readonly kind?: WaitKind
      readonly after?: Date
      readonly outcome?: 'not_made' | 'unclear'
      readonly last?: LastFailure | undefined
    } = {},
  ) {
    super(code, message, options)
    this.kind = options.kind ?? 'failure'
    this.after = options.after
    this.free = waitKinds[this.kind] !== 'attempt'
    this.outcome = options.outcome ?? 'not_made'
    this.last = options.last
  }
}

/**
 * What resumes a parked run in the first place: a change of the connection's settings or secrets, of the application in
 * Pinpoint, of something in the destination, or a person's decision.
 */
export type ResumesOn = 'connection' | 'record' | 'destination' | 'person'

/**
 * What is read again from time to time while the run is parked. When it has changed, the run resumes by itself.
 * `record`: the application and its job in Pinpoint. `recheck`: one of the integration's own rechecks, with its present value.
 */
export type Watch = 'record' | { readonly recheck: string; readonly seen: Json }

/** A person must change data, settings or credentials. The run parks, is shown with the fix, and can be resumed. */
export class NeedsPerson extends Failure {
  override readonly name = 'NeedsPerson'
  /** What to do, as an instruction: "Set a start date on the offer in Pinpoint." */
  readonly fix: string
  readonly resumesOn: ResumesOn
  readonly watches: readonly Watch[]
  /** Every run would fail alike (credentials refused, endpoint gone): the whole connection pauses, not only this run. */
  readonly pausesConnection: boolean

  constructor(
    code: string,
    message: string,
    options: FailureOptions & {
      readonly fix: string
      readonly resumesOn?: ResumesOn
      /** Default: the application if `resumesOn` is `record`, otherwise nothing. */
      readonly watches?: readonly Watch[]
      readonly pausesConnection?: boolean
    },
  ) {
    super(code, message, options)
    this.fix = options.fix
    this.resumesOn = options.resumesOn ?? 'person'
    this.watches = options.watches ?? (this.resumesOn === 'record' ? ['record'] : [])
    this.pausesConnection = options.pausesConnection ?? false
  }
}

/** The run can never succeed: tampered, unsupported, gone. The run ends. */
export class Refused extends Failure {
  override readonly name = 'Refused'
}

/** A read-only client was asked for a write. Nothing was sent. */
export class WriteRefused extends Refused {}

/**
 * An answer in no shape of the destination's API: a firewall's or a proxy's page, a login page, text, nothing. It says
 * nothing about credentials or permissions, so the run waits, and parks after a few such answers: src/worker/settlement.ts
 */
export class UnrecognisedAnswer extends RetryLater {
  get status(): number | undefined {
    const { status } = this.details
    return typeof status === 'number' ? status : undefined
  }
}

/** The answer to a read exceeds the limit. The caller asks again for less; if that does not help, the run parks. */
export class AnswerTooLarge extends NeedsPerson {}

/**
 * The destination accepts the credentials, but they lack a permission. If `pausesConnection` is false, the hire goes
 * through without the call: a handler catches the failure and warns.
 */
export class PermissionMissing extends NeedsPerson {
  /** The bucket of the refused call, such as `docs`. */
  get bucket(): string {
    const { bucket } = this.details
    return typeof bucket === 'string' ? bucket : ''
  }
}
