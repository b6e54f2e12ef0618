/** Telling a JSON object from the other kinds of JSON. */
import type { Json, JsonObject } from '../../src/base/json.ts'

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
