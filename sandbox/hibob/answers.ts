/** Answers in HiBob's words. */
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

import type { WindowState } from '../rate-window.ts'

/** `{key, error, args}` as in the recorded duplicate e-mail. Keys other than that one are not on record. */
export function failure(status: ContentfulStatusCode, said: Said): Response {
  return Response.json({ ...said, args: said.args ?? [] }, { status })
}

export interface Said {
  readonly key: string
  readonly error: string
  readonly args?: readonly string[]
}

/** What a fault answers that names a status only. */
export function injected(status: number): Said {
  const key = status === 401 ? 'tokenNotMatch' : 'sandbox.fault'
  return { key, error: 'fault injected by the sandbox', args: [] }
}

/** The second shape on record: a sentence alone, with 401 or 403 where a right is missing. */
export function denial(status: 401 | 403, what: string): HTTPException {
  const said = { errorMessage: `No permissions to ${what}` }
  return new HTTPException(status, { res: Response.json(said, { status }) })
}

/** Thrown to leave a handler early; the gate turns it back into the response. */
export function refusal(status: ContentfulStatusCode, key: string, error: string): HTTPException {
  return new HTTPException(status, { res: failure(status, { key, error }) })
}

/** HiBob's 429 is plain text, and says when the window ends in Unix seconds. */
export function tooMany(
  limit: { readonly limit: number; readonly resetInSeconds: number },
  now: Date,
): Response {
  const response = new Response('Too many attempts', {
    status: 429,
    headers: { 'content-type': 'text/plain' },
  })
  const resetAt = Math.ceil(now.getTime() / 1000 + limit.resetInSeconds)
  return withLimit(response, { limit: limit.limit, remaining: 0, resetAt })
}

/** https://apidocs.hibob.com/reference/rate-limiting */
export function withLimit(
  response: Response,
  window: Pick<WindowState, 'limit' | 'remaining' | 'resetAt'>,
): Response {
  response.headers.set('X-RateLimit-Limit', String(window.limit))
  response.headers.set('X-RateLimit-Remaining', String(window.remaining))
  response.headers.set('X-RateLimit-Reset', String(window.resetAt))
  return response
}

/** `2024-06-24T07:59:31.050325`: microseconds and no zone. */
export const timestamp = (date: Date): string => date.toISOString().replace('Z', '000')
