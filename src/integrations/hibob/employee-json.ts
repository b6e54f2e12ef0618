/**
 * The body of a new employee: fields are nested by category, and a manager is an object as in a row of the work table.
 * https://apidocs.hibob.com/reference/post_people
 */
import { isRecord, type Json, type JsonObject } from '../../sdk/index.ts'
import { type EmployeeBody, managerField } from './new-hire.ts'
import { isNumber } from './tables.ts'

export function employeeJson({ more = {}, ...hire }: EmployeeBody): JsonObject {
  const { firstName, surname, email, site, startDate, title, department, privateEmail } = hire
  const work = { site, startDate, ...(title && { title }), ...(department && { department }) }
  const usual = { firstName, surname, email, work, ...(privateEmail && { home: { privateEmail } }) }
  return Object.entries(more).reduce<JsonObject>(
    (whole, [id, value]) => withField(whole, bodyPath(id), typed(id, value)),
    usual,
  )
}

/** `root.` is a way of naming fields, not a level of the body. */
function bodyPath(id: string): readonly string[] {
  return id.replace(/^root\./, '').split('.')
}

/** A manager by their id, and a number as one. */
function typed(id: string, value: Json): Json {
  if (id === managerField) return { id: value }
  return isNumber(id) ? Number(value) : value
}

function withField(body: JsonObject, [name = '', ...rest]: readonly string[], value: Json): JsonObject {
  if (rest.length === 0) return { ...body, [name]: value }
  const below = body[name]
  // A field within what is none would replace a value that every hire has.
  if (below !== undefined && !isRecord(below)) return body
  return { ...body, [name]: withField(isRecord(below) ? below : {}, rest, value) }
}
