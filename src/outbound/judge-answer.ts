/** A complete answer → what the client gets: the parsed answer, or the failure it means. */
import { NeedsPerson, RetryLater } from '../base/failure.ts'
import type { HttpAnswer, HttpRequest } from '../base/http.ts'
import { type JsonObject, parseJson } from '../base/json.ts'
import { headerOf, type ResponseHeaders } from './retry-at.ts'
import { type Call, detailsOf, statusToFailure } from './status-to-failure.ts'

export interface Answer {
  readonly status: number
  readonly headers: ResponseHeaders
  /** Undefined when it was larger than we read. */
  readonly body: Buffer | undefined
}

export function judgeAnswer(
  call: Call,
  request: HttpRequest,
  answer: Answer & { readonly now: Date },
): HttpAnswer {
  const { status, headers, body } = answer
  const contentType = (headerOf(headers, 'content-type') ?? '').toLowerCase()
  const isHtml = contentType.includes('html')
  const json = body === undefined || isHtml ? undefined : parseJson(body.toString('utf8'))

  if (request.answers?.includes(status) === true) return { status, contentType, json }
  if (status < 200 || status >= 300) {
    throw statusToFailure(call, { status, headers, key: vendorKey(json), now: answer.now })
  }
  if (request.body !== 'any' && json === undefined && body?.length !== 0) {
    throw notJson(call, { isHtml, details: detailsOf(call, { status, key: undefined }) })
  }
  return { status, contentType, json }
}

/** HiBob answers a wrong path with 200 and its login page; a proxy in between may answer anything. */
function notJson(
  call: Call,
  { isHtml, details }: { readonly isHtml: boolean; readonly details: JsonObject },
) {
  const { destination: name, effect } = call
  if (effect) {
    return new RetryLater(
      `${name}.answer_unreadable`,
      `${name} accepted the call, but its answer is not JSON.`,
      {
        details,
        outcome: 'unclear',
      },
    )
  }
  if (!isHtml)
    return new RetryLater(`${name}.answer_unreadable`, `${name}'s answer is not readable JSON.`, { details })
  return new NeedsPerson(`${name}.answer_not_json`, `${name} answered with a web page instead of data.`, {
    details,
    fix: `Check the address of ${name} in the settings: a wrong address answers with a login page.`,
    liftedBy: 'connection',
  })
}

/** HiBob: `{ key }`. Pinpoint (JSON:API): `{ errors: [{ code }] }`. Only what looks like a key, never prose. */
function vendorKey(json: unknown): string | undefined {
  if (!isRecord(json)) return undefined
  const errors: unknown = json['errors']
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined
  const key = json['key'] ?? (isRecord(first) ? first['code'] : undefined)
  return typeof key === 'string' && /^[a-zA-Z][\w.-]{0,79}$/.test(key) ? key : undefined
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
