/** One call of a client to its destination: within its limit, its time and its size, and only to the client's own host. */
import { type Dispatcher, request as send } from 'undici'

import type { Clock } from '../base/clock.ts'
import { effectDeadline } from '../base/effect-deadline.ts'
import { Failure, Refused, RetryLater, UnrecognisedAnswer, WriteRefused } from '../base/failure.ts'
import type { HttpAnswer, HttpRequest, OpenHttp } from '../base/http.ts'
import { rateLimited } from '../base/rate-limit.ts'
import { withinTime } from '../base/time-limit.ts'
import type { AnswerPlaces } from './answer-places.ts'
import type { CallEnd, CallInterceptor, CallOutcome, InterceptedCall, Permit } from './call-interceptor.ts'
import { judgeAnswer } from './judge-answer.ts'
import { readRateLimitHeaders } from './rate-limit-headers.ts'
import { headersOf, requestBody } from './request.ts'
import { type Call, readAnyRefusal } from './status-to-failure.ts'
import { transportFailure } from './transport-failure.ts'
import { largestAnswer, readWhole, type WholeAnswer } from './whole-answer.ts'

const defaultTimeoutSeconds = 30
/** A read that fails for a moment is repeated, within the time of its call. docs/decisions/0063-reads-are-repeated.md */
const mostRepetitions = 2
const pauseMilliseconds = { least: 100, most: 500 } as const

/** One call as metrics see it. */
export interface CallMetrics {
  readonly destination: string
  readonly bucket: string
  readonly operation: string
  /** 0 when no answer came. */
  readonly status: number
  readonly milliseconds: number
  /** True for a read that is repeated because it failed a moment ago. */
  readonly repetition: boolean
}

export interface ClientDeps {
  readonly agent: Dispatcher
  readonly clock: Clock
  readonly interceptor: CallInterceptor
  /** Shared by all calls of the process. */
  readonly places: AnswerPlaces
  readonly readOnly: boolean
  /** Sent to the APIs that ask for it. */
  readonly vendorName: string | undefined
  readonly onCall: (metrics: CallMetrics) => void
  /** Spreads repetitions: 0 ≤ chance < 1. */
  readonly chance: () => number
  /** Ends the wait for a repetition, which is then not sent. */
  readonly closing: AbortSignal
}

export type ClientOptions = Parameters<OpenHttp>[0] & { readonly base: URL }

interface Sent {
  readonly call: Call
  readonly request: HttpRequest
  readonly url: URL
  /** When its time is over, repetitions included. */
  readonly until: number
  readonly repetition: boolean
}

export async function sendCall(
  deps: ClientDeps,
  client: ClientOptions,
  request: HttpRequest,
): Promise<HttpAnswer> {
  const call: Call = {
    destination: client.destination,
    bucket: request.bucket,
    effect: request.effect ?? false,
    right: request.right,
    optional: request.optional,
  }
  if (deps.readOnly && !isRead(request)) {
    throw new WriteRefused(
      'outbound.read_only',
      `This client only reads; it does not send "${request.bucket}".`,
      {
        details: { destination: client.destination, bucket: request.bucket },
      },
    )
  }
  const url = urlOf(client.base, request)
  const { destination, bucket, effect } = call
  const intercepted = { destination, bucket, effect, host: url.host, limits: client.limits }
  const permit = await deps.interceptor.enter(intercepted)
  if (permit instanceof Date)
    throw rateLimited(call, permit, { kind: 'permit', details: { destination, bucket } })
  return passOrRepeat(deps, client, { call, request, url, permit, intercepted })
}

type Passing = Pick<Sent, 'call' | 'request' | 'url'> & {
  readonly permit: Permit
  readonly intercepted: InterceptedCall
}

async function passOrRepeat(
  deps: ClientDeps,
  client: ClientOptions,
  { permit, intercepted, ...sent }: Passing,
): Promise<HttpAnswer> {
  const { clock, interceptor, chance, closing } = deps
  const { timeoutSeconds = defaultTimeoutSeconds } = client
  const until = clock.now().getTime() + timeoutSeconds * 1000
  let passed = await pass(deps, client, { ...sent, permit, until, repetition: false })
  try {
    for (let made = 0; made < mostRepetitions && mayRepeat(sent.request) && mayPass(passed.failure); made++) {
      const pause = pauseBefore(chance())
      if (clock.now().getTime() + pause >= until) break
      await clock.sleep(pause, closing)
      if (closing.aborted) break
      const next = await interceptor.repeat(intercepted)
      if (next === undefined) break
      if (clock.now().getTime() >= until) {
        await next.ended({ status: 0 })
        break
      }
      passed = await pass(deps, client, { ...sent, permit: next, until, repetition: true })
    }
  } finally {
    const { answer: _answer, error: _error, ...outcome } = passed
    await interceptor.answered(intercepted, outcome)
  }
  if (passed.answer === undefined) throw passed.error
  return passed.answer
}

type Passed = CallOutcome &
  (
    | { readonly answer: HttpAnswer; readonly error?: undefined }
    | { readonly answer?: undefined; readonly error: unknown }
  )

/** The permit ends whatever becomes of the call; the answer's headers count even if its body is of no use. */
async function pass(
  deps: ClientDeps,
  client: ClientOptions,
  sent: Sent & { readonly permit: Permit },
): Promise<Passed> {
  const { call, request, permit } = sent
  let end: CallEnd = { status: 0 }
  let answer: HttpAnswer
  try {
    const { leave, ...whole } = await exchange(deps, client, sent)
    end = { status: whole.status, ...readRateLimitHeaders(whole, deps.clock.now()) }
    const { refusals = readAnyRefusal } = client
    try {
      answer = judgeAnswer(call, { ...request, refusals }, { ...whole, now: deps.clock.now() })
    } finally {
      leave()
    }
  } catch (error) {
    const { status } = end
    const outcome = error instanceof Failure ? { status, failure: error } : { status }
    const exhaustedUntil = await permit.ended({ ...end, ...outcome })
    if (exhaustedUntil === undefined || !(error instanceof RetryLater)) return { ...outcome, error }
    const limited = rateLimited(call, exhaustedUntil, { kind: 'rate_limit', details: error.details })
    return { ...outcome, error: limited }
  }
  await permit.ended(end)
  return { status: end.status, answer }
}

/** Below the base URL, whatever the path: `..` and `//other-host` must not send the credentials elsewhere. */
function urlOf(base: URL, { path, query }: HttpRequest): URL {
  const root = base.href.replace(/\/$/, '')
  const url = path === '' ? new URL(base) : new URL(root + path)
  if (path !== '' && !url.href.startsWith(`${root}/`)) {
    throw new Refused(
      'outbound.path_refused',
      'The path of the call leads outside the base URL of its destination.',
    )
  }
  for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value)
  return url
}

async function exchange(
  { agent, clock, vendorName, onCall, places }: ClientDeps,
  client: ClientOptions,
  { call, request, url, until, repetition }: Sent,
): Promise<WholeAnswer> {
  const startedAt = clock.now().getTime()
  const milliseconds = timeFor(call, until, startedAt)
  const { body = null, contentType } = requestBody(request) ?? {}
  const maxBytes = request.list === true ? largestAnswer.list : largestAnswer.usual
  let status = 0
  try {
    // Covers everything: waiting for a connection, sending, and reading the answer.
    return await withinTime({ clock, milliseconds }, async (signal) => {
      const response = await send(url, {
        dispatcher: agent,
        method: request.method,
        headers: headersOf(client, request, { contentType, vendorName }),
        body,
        signal,
        headersTimeout: milliseconds,
        bodyTimeout: milliseconds,
      })
      status = response.statusCode
      return readWhole(response, { maxBytes, places, origin: url.origin, signal })
    })
  } catch (error) {
    throw transportFailure(call, error)
  } finally {
    const { destination, bucket } = call
    const { operation = bucket } = request
    const took = clock.now().getTime() - startedAt
    onCall({ destination, bucket, operation, status, milliseconds: took, repetition })
  }
}

/** How many milliseconds the call may take. `until`: the end of its own time, repetitions included. */
function timeFor({ destination, effect }: Call, until: number, now: number): number {
  if (!effect) return until - now
  const deadline = effectDeadline()?.getTime()
  if (deadline === undefined)
    throw new Error(`An effect in ${destination} may only be made through \`ensure\`.`)
  if (deadline > now) return Math.min(until, deadline) - now
  throw new RetryLater(
    `${destination}.too_late`,
    'The call was not sent: too much time had passed since it was announced.',
    { kind: 'busy' },
  )
}

function pauseBefore(chance: number): number {
  const { least, most } = pauseMilliseconds
  return least + chance * (most - least)
}

function isRead({ method, read, effect }: HttpRequest): boolean {
  return effect !== true && (method === 'GET' || read === true)
}

/** Within `make`, nothing is: whoever repeats there could make a second one. */
function mayRepeat(request: HttpRequest): boolean {
  return isRead(request) && effectDeadline() === undefined
}

/** A failure that may pass in a moment. A destination that says when to come back is not called before. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof RetryLater) || error instanceof UnrecognisedAnswer) return false
  return (error.kind === 'outage' || error.kind === 'failure') && error.after === undefined
}
