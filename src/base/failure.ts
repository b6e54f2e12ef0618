/**
 * Failures by what happens next, not by what went wrong. The class decides the run's state, the HTTP status and
 * the exit code; the code says what happened; message, fix and details are shown to people, so they carry ids and
 * field names, never names, e-mails, secrets or URLs of CVs. What others have written stands in them `quoted`.
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

  /** Where the call went that failed: `pinpoint`, the name of an integration, or `file`. Undefined: no call failed. */
  get destination(): string | undefined {
    const { destination } = this.details
    return typeof destination === 'string' ? destination : undefined
  }

  /**
   * What a run's timeline shows: the message on one line, cut after 2,000 characters whatever was put into it, with the id under
   * which a vendor has logged the call.
   */
  get reason(): string {
    const { requestId } = this.details
    return sentence(this.message) + (typeof requestId === 'string' ? ` (request id ${requestId})` : '')
  }
}

/**
 * What a wait is for, and by that what it costs:
 * an attempt and time: `outage`, the destination did not answer or answered that it cannot (several in a row open a circuit);
 *   `failure`, any other that may pass; `database`, ours is away.
 * Time only, so that three days of it are three days of failing: `rate_limit`, a limit that the destination told (429);
 *   `circuit`, the probe of an open one; `unclear`, the moment when an effect must have become visible; `busy`, this service.
 * Nothing: `permit`, a limit that is known to be used up, so nothing was sent; `turn`, another run goes first;
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

/** What went wrong in the end, to be told to people: never a wait. */
export type LastFailure = Pick<Failure, 'code' | 'message'>

/** The world is briefly wrong: 429, 5xx, timeout, lock. The run waits and tries again by itself. */
export class RetryLater extends Failure {
  override readonly name = 'RetryLater'
  readonly kind: WaitKind
  /** Not before this instant. Unset: the engine's backoff decides. */
  readonly after: Date | undefined
  /** Waiting is not the run's fault: it costs no attempt. */
  readonly free: boolean
  /** `unclear`: the call may have had its effect although no answer came. Nobody may repeat it blindly. */
  readonly outcome: 'not_made' | 'unclear'
  /** The failure that this wait comes from, when it is another one. */
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
 * What would lift a parked run, first of all: a change of the connection's settings or secrets, of the application in
 * Pinpoint, of something in the destination, or a person's decision.
 */
export type ResumesOn = 'connection' | 'record' | 'destination' | 'person'

/**
 * What is read again from time to time while the run is parked; once it is not as it was, the run goes on by itself.
 * `record`: the application and its job in Pinpoint. `look`: one of the integration's own looks, with what it saw now.
 */
export type Watch = 'record' | { readonly recheck: string; readonly seen: Json }

/** Somebody must change data, settings or credentials. The run parks, shown with the fix, and can be resumed. */
export class NeedsPerson extends Failure {
  override readonly name = 'NeedsPerson'
  /** What to do, as an instruction: "Set a start date on the offer in Pinpoint." */
  readonly fix: string
  readonly resumesOn: ResumesOn
  readonly watches: readonly Watch[]
  /** Every run would meet the same (credentials refused, endpoint gone): the whole connection pauses, not only this run. */
  readonly pausesConnection: boolean

  constructor(
    code: string,
    message: string,
    options: FailureOptions & {
      readonly fix: string
      readonly resumesOn?: ResumesOn
      /** Default: the application when that lifts it, otherwise nothing. */
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

/** Can never succeed as it stands: tampered, unsupported, gone. The run ends. */
export class Refused extends Failure {
  override readonly name = 'Refused'
}

/** A client that was opened to read only was asked for something else. Nothing was sent. */
export class WriteRefused extends Refused {}

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
