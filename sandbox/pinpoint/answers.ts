/** Answers in Pinpoint's words: JSON:API documents and its error bodies. */
import { HTTPException } from 'hono/http-exception'

import type { Json } from '../../src/base/json.ts'

export interface Resource {
  readonly id: string
  readonly type: string
  readonly attributes: Readonly<Record<string, Json>>
  readonly relationships?: Readonly<Record<string, Json>>
}

const headers = { 'content-type': 'application/vnd.api+json; charset=utf-8' }

export function document(body: object, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers })
}

const titles = {
  400: ['bad_request', 'Bad Request'],
  401: ['unauthorized', 'Unauthorized'],
  403: ['forbidden', 'Forbidden'],
  404: ['not_found', 'Not Found'],
  422: ['unprocessable_entity', 'Validation Error'],
  429: ['too_many_requests', 'Too Many Requests'],
} as const

/** What a fault answers that names a status only. */
export function injected(status: number): object {
  const known = Object.entries(titles).find(([one]) => one === String(status))?.[1]
  const [code, title] = known ?? ['sandbox_fault', 'Injected by the sandbox']
  return { errors: [{ code, status: String(status), title, detail: 'fault injected by the sandbox' }] }
}

export function failure(status: keyof typeof titles, detail: string, pointer?: string): Response {
  const [code, title] = titles[status]
  const source = pointer === undefined ? {} : { source: { pointer } }
  return document({ errors: [{ code, status: String(status), title, detail, ...source }] }, status)
}

/** Thrown to leave a handler early; the gate turns it back into the response. */
export function refusal(...said: Parameters<typeof failure>): HTTPException {
  return new HTTPException(said[0], { res: failure(...said) })
}

/** The names of Pinpoint's other rate-limit headers are unknown; `Retry-After` is documented. */
export function tooMany(limit: { readonly resetInSeconds: number }): Response {
  const response = failure(429, 'Rate limit exceeded')
  response.headers.set('retry-after', String(limit.resetInSeconds))
  return response
}

/** `2024-06-27T09:21:24+00:00`: seconds, with the offset written out. */
export const timestamp = (date: Date): string => `${date.toISOString().slice(0, 19)}+00:00`

/** A relationship that was not asked for. It does not mean "none". */
export const notIncluded = { meta: { included: false } } as const
