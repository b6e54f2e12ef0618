/** The table from an answer's status to the failure that it means. `judge-answer.ts` judges a 2xx by its body. */
import { secondsAfter } from '../base/clock.ts'
import {
  type Failure,
  NeedsPerson,
  PermissionMissing,
  RetryLater,
  UnrecognisedAnswer,
} from '../base/failure.ts'
import type { JsonObject } from '../base/json.ts'
import { rateLimited } from '../base/rate-limit.ts'
import {
  isRecord,
  objection,
  objectionsText,
  type Refusal,
  refusal,
  speaksOfRights,
} from '../base/refusal.ts'
import { headerOf, type ResponseHeaders, retryAt, retryAtAfterFailure } from './rate-limit-headers.ts'

/** What a failure says about its call. Safe to show: no bodies, no URLs, no people. */
export interface Call {
  readonly destination: string
  /** The rate limit of the call; limits prefix it with the destination. */
  readonly bucket: string
  readonly effect: boolean
  readonly right?: string | undefined
  readonly optional?: boolean | undefined
}

export interface FailedAnswer {
  readonly status: number
  readonly headers: ResponseHeaders
  readonly contentType: string
  readonly requestId: string | undefined
  /** The API's refusal; undefined: the answer is not from the API. */
  readonly refusal: Refusal | undefined
  readonly now: Date
}

const rateLimitSeconds = 30

export function statusToFailure(call: Call, answer: FailedAnswer): Failure {
  const { destination: name } = call
  const { status, headers, now, refusal } = answer
  const options = { details: detailsOf(call, answer) }

  if (status === 429) {
    const after = retryAt(headers, now) ?? secondsAfter(now, rateLimitSeconds)
    return rateLimited(call, after, { kind: 'rate_limit', ...options })
  }
  if (status === 408 || status === 425 || status >= 500) {
    const after = retryAtAfterFailure(headers, now)
    return new RetryLater(`${name}.unavailable`, `${name} answered ${status}.`, {
      ...options,
      ...(after === undefined ? {} : { after }),
      outcome: call.effect ? 'unclear' : 'not_made',
      kind: 'outage',
    })
  }
  if (status < 400) {
    return new NeedsPerson(
      `${name}.redirected`,
      `${name} answered ${status} instead of performing the call.`,
      {
        ...options,
        fix: 'Correct the address in the settings: redirects are not followed, because credentials must not go elsewhere.',
        resumesOn: 'connection',
      },
    )
  }
  if (refusal === undefined) {
    return new UnrecognisedAnswer(
      `${name}.answer_unrecognised`,
      `The answer does not come from the API of ${name} (${describeAnswer(answer)}): something in front of it refused or misrouted the call.`,
      { ...options, kind: 'outage' },
    )
  }
  if (refusal.blames === 'credentials') return refusedCredentials(call, answer)
  if (refusal.blames === 'permission') return missingPermission(call, answer)
  if (status === 404) {
    return new NeedsPerson(`${name}.not_found`, `${name} does not have what the call refers to (404).`, {
      ...options,
      fix: 'Check the address in the settings, and whether the record and the feature exist there. Then resume the run.',
    })
  }
  return new NeedsPerson(`${name}.request_refused`, `${name} refused the call (${reasonOf(answer)}).`, {
    ...options,
    fix: 'Correct the refused record or settings, then resume the run.',
  })
}

function refusedCredentials(call: Call, answer: FailedAnswer): NeedsPerson {
  const { destination: name } = call
  return new NeedsPerson(
    `${name}.credentials_refused`,
    `${name} refused the credentials (${reasonOf(answer)}).`,
    {
      details: detailsOf(call, answer),
      fix: `Replace the credentials for ${name}; parked runs then resume automatically.`,
      resumesOn: 'connection',
      pausesConnection: true,
    },
  )
}

function missingPermission(call: Call, answer: FailedAnswer): PermissionMissing {
  const { destination: name, bucket, right = bucket, optional = false } = call
  return new PermissionMissing(
    `${name}.permission_missing`,
    `${name} accepts the credentials, but they lack a permission: ${right} (${reasonOf(answer)}).`,
    {
      details: detailsOf(call, answer),
      fix: `Grant the missing permission in ${name} (see its guide), then enable the connection again.`,
      resumesOn: 'connection',
      pausesConnection: !optional,
    },
  )
}

export function detailsOf({ destination, bucket }: Call, answer: FailedAnswer): JsonObject {
  const { status, refusal, requestId } = answer
  const [first] = refusal?.objections ?? []
  return {
    destination,
    bucket,
    status,
    ...(first?.code !== undefined && { key: first.code }),
    ...(refusal !== undefined &&
      refusal.objections.length > 0 && { objections: refusal.objections.map((one) => ({ ...one })) }),
    ...(requestId !== undefined && { requestId }),
  }
}

/** The status and the content type: `403, text/html`. Nothing of the body. */
export function describeAnswer({ status, contentType }: FailedAnswer): string {
  const type = /^[\w.+-]{1,40}\/[\w.+-]{1,60}/.exec(contentType)?.[0] ?? 'no content type'
  return `${status}, ${type}`
}

function reasonOf({ status, refusal }: FailedAnswer): string {
  const said = objectionsText(refusal?.objections ?? [])
  return said === undefined ? String(status) : `${status}, ${said}`
}

const members = ['key', 'code', 'error', 'errors', 'errorMessage', 'message', 'detail', 'title', 'type']

/** JSON with one of these members is the API's own; everything else is not. */
export function readAnyRefusal(status: number, json: unknown): Refusal | undefined {
  if (!isRecord(json) || !members.some((name) => name in json)) return undefined
  const { key, code, error, errors } = json
  const listed: unknown = Array.isArray(errors) ? errors[0] : error
  const inner = isRecord(listed) ? (listed['code'] ?? listed['key']) : undefined
  const said = objection(undefined, key ?? code ?? inner)
  const aboutRights = said?.code !== undefined && speaksOfRights(said.code)
  if (status === 403 || (status === 401 && aboutRights)) return refusal('permission', [said])
  return refusal(status === 401 ? 'credentials' : 'request', [said])
}

/** The first one present: the API's own ids before those of proxies in front of it. */
const names = [
  'x-request-id',
  'request-id',
  'x-correlation-id',
  'x-b3-traceid',
  'x-amzn-requestid',
  'x-amzn-trace-id',
  'x-amz-cf-id',
  'cf-ray',
]

/** Undefined when none looks like an id. */
export function requestIdOf(headers: ResponseHeaders): string | undefined {
  return names
    .map((name) => headerOf(headers, name)?.trim())
    .find((value) => value !== undefined && /^[\w.:;=+/-]{4,100}$/.test(value))
}
