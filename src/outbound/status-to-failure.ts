/** The one table from the status of an answer to the failure it means. 2xx is judged by its body, in `judge-answer.ts`. */
import { secondsAfter } from '../base/clock.ts'
import { type Failure, NeedsPerson, RetryLater } from '../base/failure.ts'
import type { JsonObject } from '../base/json.ts'
import { rateLimited } from '../base/rate-limit.ts'
import { type ResponseHeaders, retryAt } from './retry-at.ts'

/** What a failure says about the call it came from. Safe to show: no bodies, no URLs, no people. */
export interface Call {
  readonly destination: string
  /** The rate limit the call counts against; with the destination in front in the limits' own names. */
  readonly bucket: string
  readonly effect: boolean
}

export interface FailedAnswer {
  readonly status: number
  readonly headers: ResponseHeaders
  /** The vendor's machine-readable key of the error, such as `validations.email.alreadyexists`. */
  readonly key: string | undefined
  readonly now: Date
}

const rateLimitSeconds = 30

export function statusToFailure(call: Call, answer: FailedAnswer): Failure {
  const { destination: name } = call
  const { status, headers, now } = answer
  const options = { details: detailsOf(call, answer) }

  if (status === 401) return refusedCredentials(call, options)
  if (status === 403) return missingPermission(call, options)
  if (status === 429) {
    const after = retryAt(headers, now) ?? secondsAfter(now, rateLimitSeconds)
    return rateLimited(call, after, { kind: 'rate_limit', ...options })
  }
  if (status === 408 || status === 425 || status >= 500) {
    const after = retryAt(headers, now)
    return new RetryLater(`${name}.unavailable`, `${name} answered ${status}.`, {
      ...options,
      ...(after === undefined ? {} : { after }),
      outcome: call.effect ? 'unclear' : 'not_made',
      kind: 'outage',
    })
  }
  if (status < 400) {
    return new NeedsPerson(`${name}.redirected`, `${name} answered ${status} instead of doing the call.`, {
      ...options,
      fix: 'Correct the address in the settings: redirects are not followed, because credentials must not go elsewhere.',
      liftedBy: 'connection',
    })
  }
  if (status === 404) {
    return new NeedsPerson(`${name}.not_found`, `${name} does not know what the call is about (404).`, {
      ...options,
      fix: 'Check the address in the settings, and whether the record and the feature exist there. Then resume the run.',
    })
  }
  return new NeedsPerson(`${name}.request_refused`, `${name} refused the call (${reasonOf(answer)}).`, {
    ...options,
    fix: 'Correct the record or the settings that it refuses, then resume the run.',
  })
}

function refusedCredentials(
  { destination: name }: Call,
  options: { readonly details: JsonObject },
): NeedsPerson {
  return new NeedsPerson(`${name}.credentials_refused`, `${name} refused the credentials (401).`, {
    ...options,
    fix: `Replace the credentials for ${name}; parked runs then resume by themselves.`,
    liftedBy: 'connection',
    pausesConnection: true,
  })
}

function missingPermission(call: Call, options: { readonly details: JsonObject }): NeedsPerson {
  const { destination: name, bucket } = call
  return new NeedsPerson(
    `${name}.permission_missing`,
    `${name} accepts the credentials, but they lack a permission for "${bucket}" (403).`,
    {
      ...options,
      fix: `Grant the missing permission in ${name} (see its guide), then enable the connection again.`,
      liftedBy: 'connection',
      pausesConnection: true,
    },
  )
}

export function detailsOf(
  { destination, bucket }: Call,
  answer: Pick<FailedAnswer, 'status' | 'key'>,
): JsonObject {
  const { status, key } = answer
  return { destination, bucket, status, ...(key === undefined ? {} : { key }) }
}

function reasonOf({ status, key }: FailedAnswer): string {
  return key === undefined ? String(status) : `${status}, ${key}`
}
