/** Reads Pinpoint's refusals, which are JSON:API errors. Anything else comes from a proxy or firewall in front of it. */
import { isRecord, type JsonRecord, objection, type Refusal, refusal } from '../base/refusal.ts'

/** An error object has at least one of these: https://jsonapi.org/format/#error-objects */
const members = ['code', 'status', 'title', 'detail', 'source', 'meta']

export function readPinpointRefusal(status: number, json: unknown): Refusal | undefined {
  const errors: unknown = isRecord(json) ? json['errors'] : undefined
  if (!Array.isArray(errors)) return undefined
  const described = errors.filter(isRecord).filter((error) => members.some((name) => name in error))
  if (described.length === 0) return undefined
  return refusal(blamed(status), described.map(objectionOf))
}

function blamed(status: number): Refusal['blames'] {
  if (status === 401) return 'credentials'
  return status === 403 ? 'permission' : 'request'
}

/** `meta {attribute, message, code}` is more specific than the error's own code. */
function objectionOf({ code, source, meta }: JsonRecord) {
  const { attribute, code: exact } = isRecord(meta) ? meta : {}
  const { pointer, parameter } = isRecord(source) ? source : {}
  return objection(attribute ?? pointer ?? parameter, exact ?? code)
}
