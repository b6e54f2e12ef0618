/** What a vendor's support asks for: the id under which it has logged a call. */
import { headerOf, type ResponseHeaders } from './retry-at.ts'

/** The first that is there: the API's own before those of what stands in front of it. */
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
