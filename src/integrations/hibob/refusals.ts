/**
 * The three shapes in which HiBob refuses: `{ key, error, args }`, `{ errorMessage }` and `{ errors: { "work.title": { error } } }`.
 * Anything else comes from something in front of it. https://apidocs.hibob.com/reference/error-handling
 */
import { isRecord, objection, type Refusal, refusal, speaksOfRights } from '../../sdk/index.ts'
import { isCustomField, standardField } from './mapping.ts'

export function readHibobRefusal(status: number, json: unknown): Refusal | undefined {
  if (!isRecord(json)) return undefined
  const { key, errorMessage, errors } = json
  if (isRecord(errors) && Object.keys(errors).length > 0) return refusal(blamed(status), byField(errors))
  if (typeof key === 'string') {
    return refusal(blamed(status, key, json['error']), [objection(fieldIn(key), key)])
  }
  return typeof errorMessage === 'string'
    ? refusal(blamed(status, errorMessage), fieldsNamedIn(errorMessage))
    : undefined
}

/** A sentence may hold the id of a field that we send. Nothing else of it is read, for it may quote a person. */
function fieldsNamedIn(sentence: string) {
  const words = new Set(sentence.split(/[^\w.]+/).map((word) => word.replace(/\.$/, '')))
  return [...words]
    .filter((word) => standardField(word) !== undefined || isCustomField(word))
    .map((id) => objection(id, undefined))
}

/** 401 is a missing right, too: `{"errorMessage":"No permissions to …"}`. */
function blamed(status: number, ...said: readonly unknown[]): Refusal['blames'] {
  if (status === 403) return 'permission'
  if (status !== 401) return 'request'
  return said.some((text) => typeof text === 'string' && speaksOfRights(text)) ? 'permission' : 'credentials'
}

function byField(errors: Readonly<Record<string, unknown>>) {
  return Object.entries(errors).map(([field, said]) =>
    objection(field, isRecord(said) ? (said['key'] ?? said['error']) : said),
  )
}

/** `validations.email.alreadyexists` is about `email`. */
function fieldIn(key: string): string | undefined {
  return /^validations?\.(.+)\.[^.]+$/i.exec(key)?.[1]
}
