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
}

export interface Permit {
  /**
   * Called exactly once, after the call; never rejects. Returns until when the limit is exhausted, if a 429
   * has said so.
   */
  ended(outcome: CallEnd): Promise<Date | undefined>
}

export interface CallEnd extends RateLimitHeaders {
  /** 0 when no complete answer came. */
  readonly status: number
  readonly failure?: Failure
}

/** For calls that a person waits for: they are sent even if a limit was just reached. */
export const unlimited: CallInterceptor = {
  enter: async () => ({ ended: async () => undefined }),
}
