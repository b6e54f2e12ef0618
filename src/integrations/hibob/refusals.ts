/**
 * The three shapes in which HiBob refuses: `{ key, error, args }`, `{ errorMessage }` and `{ errors: { "work.title": { error } } }`.
 * Anything else comes from something in front of it. https://apidocs.hibob.com/reference/error-handling
 */
import {
  isRecord,
  type Objection,
  objection,
  type Refusal,
  refusal,
  speaksOfRights,
} from '../../sdk/index.ts'
import { isLogin, plainPath } from './field-names.ts'
import { isCustomField, standardField } from './mapping.ts'

export function readHibobRefusal(status: number, json: unknown): Refusal | undefined {
  if (!isRecord(json)) return undefined
  const { key, error, errorMessage, errors } = json
  if (isRecord(errors) && Object.keys(errors).length > 0) return refusal(blamed(status), byField(errors))
  if (typeof key === 'string') return refusal(blamed(status, key, error), byKey(key, error))
  return typeof errorMessage === 'string'
    ? refusal(blamed(status, errorMessage), fieldsNamedIn(errorMessage))
    : undefined
}

/** If the key names no field, the sentence beside it may. */
function byKey(key: string, error: unknown): readonly (Objection | undefined)[] {
  const field = fieldIn(key)
  const named = field === undefined && typeof error === 'string' ? fieldsNamedIn(error) : []
  const code = objection(undefined, key)?.code
  return named.length === 0
    ? [objection(field, key)]
    : named.map((one) => ({ ...one, ...(one.code === undefined && code !== undefined && { code }) }))
}

/** Finds ids of known fields in a sentence. Nothing else of it is read, because it may quote personal data. */
function fieldsNamedIn(sentence: string): readonly Objection[] {
  const words = new Set(sentence.split(/[^\w.]+/).map((word) => word.replace(/\.$/, '')))
  const ids = [...words].filter(isField)
  if (ids.length === 0 && /\be-?mail\b/i.test(sentence) && saysTaken(sentence)) return [takenLogin]
  return ids.map((field) => (isLogin(field) && saysTaken(sentence) ? takenLogin : { field }))
}

function isField(id: string): boolean {
  return standardField(id) !== undefined || isCustomField(id)
}

const takenLogin: Objection = { field: 'email', code: 'alreadyexists' }

/** "already exists", "is already in use", "taken", "must be unique". */
export function saysTaken(text: string): boolean {
  return /already|exists\b|\bin[ ._-]?use\b|taken|duplicate|unique/i.test(text)
}

/** A 401 can be a missing permission: `{"errorMessage":"No permissions to …"}`. */
function blamed(status: number, ...said: readonly unknown[]): Refusal['blames'] {
  if (status === 403) return 'permission'
  if (status !== 401) return 'request'
  return said.some((text) => typeof text === 'string' && speaksOfRights(text)) ? 'permission' : 'credentials'
}

/** No field of HiBob is nested deeper. */
const mostLevels = 5

/** `errors` has whole names as keys (`work.title`), or is nested by category like the body of a create. */
function byField(
  errors: Readonly<Record<string, unknown>>,
  above: readonly string[] = [],
): readonly (Objection | undefined)[] {
  return Object.entries(errors).flatMap(([name, said]) => {
    const path = [...above, name]
    const field = plainPath(path.join('.'))
    if (isRecord(said) && path.length < mostLevels && !isField(field) && isBranch(said))
      return byField(said, path)
    return [objectionTo(field, said)]
  })
}

/** An entry for a field contains texts; one for a category contains fields. */
function isBranch(said: Readonly<Record<string, unknown>>): boolean {
  const values = Object.values(said)
  return values.length > 0 && values.every((one) => isRecord(one) || Array.isArray(one))
}

function objectionTo(field: string, said: unknown): Objection | undefined {
  const { key, error = said, message } = isRecord(said) ? said : {}
  const texts = [key, error, message].filter((text) => typeof text === 'string')
  const code = texts[0]
  const isTaken = isLogin(field) && texts.some(saysTaken)
  return isTaken && !saysTaken(objection(field, code)?.code ?? '') ? takenLogin : objection(field, code)
}

/** `validations.email.alreadyexists` is about `email`. */
function fieldIn(key: string): string | undefined {
  return /^validations?\.(.+)\.[^.]+$/i.exec(key)?.[1]
}
