/** How a refusal is read whose shape nobody has described: by the members that most APIs have. */
import { isRecord, objection, type Refusal, refusal, speaksOfRights } from '../base/refusal.ts'

const members = ['key', 'code', 'error', 'errors', 'errorMessage', 'message', 'detail', 'title', 'type']

/** JSON with one of those members is the API's own; everything else is not. */
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
