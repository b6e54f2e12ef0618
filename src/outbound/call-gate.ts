/** What every call passes before it is sent and after its answer: limits, refused credentials, circuits stand behind it. */
import type { Failure } from '../base/failure.ts'
import type { DeclaredLimits, RateLimitHeaders } from '../base/rate-limit.ts'

export interface InterceptedCall {
  readonly destination: string
  readonly bucket: string
  /** True for a call that makes something. */
  readonly effect?: boolean
  /** Whom the call goes to: what counts callers by their address counts them there. */
  readonly host: string
  readonly limits?: DeclaredLimits | undefined
}

export interface CallInterceptor {
  /** The call's passage, or the instant before which it must not be sent. Throws where it must not be sent at all. */
  enter(call: InterceptedCall): Promise<Permit | Date>
}

export interface Permit {
  /**
   * Always called, once, and never rejects: the call has had its effect. Answers until when the limit rests, when a 429
   * has said so.
   */
  ended(outcome: CallEnd): Promise<Date | undefined>
}

export interface CallEnd extends RateLimitHeaders {
  /** 0 when no complete answer came. */
  readonly status: number
  readonly failure?: Failure
}

/** For calls that a person waits for: they ask even where a limit was hit a moment ago. */
export const unlimited: CallInterceptor = {
  enter: async () => ({ ended: async () => undefined }),
}
