/** One call of a client to its destination: within its limit, its time and its size, and only to the client's own host. */
import { type Dispatcher, request as send } from 'undici'

import type { Clock } from '../base/clock.ts'
import { effectDeadline } from '../base/effect-deadline.ts'
import { Failure, Refused, RetryLater, WriteRefused } from '../base/failure.ts'
import type { HttpAnswer, HttpRequest, OpenHttp } from '../base/http.ts'
import { rateLimited } from '../base/rate-limit.ts'
import { withinTime } from '../base/time-limit.ts'
import type { AnswerPlaces } from './answer-places.ts'
import type { CallEnd, CallInterceptor, Permit } from './call-interceptor.ts'
import { judgeAnswer } from './judge-answer.ts'
import { readRateLimitHeaders } from './rate-limit-headers.ts'
import { requestBody } from './request-body.ts'
import { type Call, readAnyRefusal } from './status-to-failure.ts'
import { transportFailure } from './transport-failure.ts'
import { largestAnswer, readWhole, type WholeAnswer } from './whole-answer.ts'

const defaultTimeoutSeconds = 30

/** One call as metrics see it. */
export interface CallMetrics {
  readonly destination: string
  readonly bucket: string
  readonly operation: string
  /** 0 when no answer came. */
  readonly status: number
  readonly milliseconds: number
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
}

export type ClientOptions = Parameters<OpenHttp>[0] & { readonly base: URL }

interface Sent {
  readonly call: Call
  readonly request: HttpRequest
  readonly url: URL
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
  const permit = await deps.interceptor.enter({
    ...{ destination, bucket, effect },
    ...{ host: url.host, limits: client.limits },
  })
  if (permit instanceof Date)
    throw rateLimited(call, permit, { kind: 'permit', details: { destination, bucket } })
  return pass(deps, client, { call, request, url, permit })
}

/** The permit ends whatever becomes of the call; the answer's headers count even if its body is of no use. */
async function pass(
  deps: ClientDeps,
  client: ClientOptions,
  sent: Sent & { readonly permit: Permit },
): Promise<HttpAnswer> {
  const { call, request, permit } = sent
  let end: CallEnd = { status: 0 }
  let judged: HttpAnswer
  try {
    const { leave, ...answer } = await exchange(deps, client, sent)
    end = { status: answer.status, ...readRateLimitHeaders(answer, deps.clock.now()) }
    const { refusals = readAnyRefusal } = client
    try {
      judged = judgeAnswer(call, { ...request, refusals }, { ...answer, now: deps.clock.now() })
    } finally {
      leave()
    }
  } catch (error) {
    const exhaustedUntil = await permit.ended(error instanceof Failure ? { ...end, failure: error } : end)
    if (exhaustedUntil !== undefined && error instanceof RetryLater) {
      throw rateLimited(call, exhaustedUntil, { kind: 'rate_limit', details: error.details })
    }
    throw error
  }
  await permit.ended(end)
  return judged
}

function isRead({ method, read, effect }: HttpRequest): boolean {
  return effect !== true && (method === 'GET' || read === true)
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
  { call, request, url }: Sent,
): Promise<WholeAnswer> {
  const milliseconds = timeFor(call, client, clock.now())
  const { body = null, contentType } = requestBody(request) ?? {}
  const maxBytes = request.list === true ? largestAnswer.list : largestAnswer.usual
  const startedAt = clock.now().getTime()
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
    onCall({ destination, bucket, operation, status, milliseconds: clock.now().getTime() - startedAt })
  }
}

function timeFor({ destination, effect }: Call, { timeoutSeconds }: ClientOptions, now: Date): number {
  const whole = (timeoutSeconds ?? defaultTimeoutSeconds) * 1000
  if (!effect) return whole
  const deadline = effectDeadline()
  if (deadline === undefined)
    throw new Error(`An effect in ${destination} may only be made through \`ensure\`.`)
  const left = deadline.getTime() - now.getTime()
  if (left > 0) return Math.min(whole, left)
  throw new RetryLater(
    `${destination}.too_late`,
    'The call was not sent: too much time had passed since it was announced.',
    { kind: 'busy' },
  )
}

function headersOf(
  client: ClientOptions,
  request: HttpRequest,
  {
    contentType,
    vendorName,
  }: { readonly contentType: string | undefined; readonly vendorName: string | undefined },
) {
  const given = Object.entries({
    accept: 'application/json',
    'accept-encoding': 'identity',
    ...lowerCase(client.headers),
    ...lowerCase(request.headers),
  })
  const type = contentType === undefined ? {} : { 'content-type': contentType }
  const vendor =
    client.namesVendor === true && vendorName !== undefined ? { 'x-vendor-name': vendorName } : {}
  return { 'user-agent': 'pinpoint-webhooks', ...vendor, ...type, ...Object.fromEntries(given) }
}

function lowerCase(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
