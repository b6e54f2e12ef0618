/** Intercepts every call, before it is sent and after its answer: for limits, refused credentials and circuits. */
import type { Failure } from '../base/failure.ts'
import type { DeclaredLimits, RateLimitHeaders } from '../base/rate-limit.ts'

export interface InterceptedCall {
  readonly destination: string
  readonly bucket: string
  /** True for a call that makes something. */
  readonly effect?: boolean
  /** The called host: a limit per address counts the calls to it. */
  readonly host: string
  readonly limits?: DeclaredLimits | undefined
}

export interface CallInterceptor {
  /** The call's permit, or the instant before which it must not be sent. Throws if it must not be sent at all. */
  enter(call: InterceptedCall): Promise<Permit | Date>
  /** The permit to repeat a read that failed a moment ago. Undefined: none is to be had now, or it would be of no use. */
  repeat(call: InterceptedCall): Promise<Permit | undefined>
  /** The call is over, and not repeated any more: repetitions count as one call. Never rejects. */
  answered(call: InterceptedCall, outcome: CallOutcome): Promise<void>
}

export interface Permit {
  /**
   * Called exactly once, after the call; never rejects. Returns until when the limit is exhausted, if a 429
   * has said so.
   */
  ended(outcome: CallEnd): Promise<Date | undefined>
}

export interface CallOutcome {
  /** 0 when no complete answer came. */
  readonly status: number
  readonly failure?: Failure
}

export interface CallEnd extends CallOutcome, RateLimitHeaders {}

/** For calls that a person waits for: they are sent even if a limit was just reached. */
export const unlimited: CallInterceptor = {
  enter: async () => permitted,
  repeat: async () => permitted,
  answered: async () => undefined,
}

const permitted: Permit = { ended: async () => undefined }
