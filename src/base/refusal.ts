/**
 * A destination's refusal, as far as it may be shown: the fields it objects to, and the codes. Never its prose, which may
 * quote people. Each destination has its own shapes of refusal, and its client reads them.
 */

/** One objection of a destination. Both members are identifiers of its API, at most 80 characters. */
export interface Objection {
  /** Such as `work.title` or `/data/attributes/email`. */
  readonly field?: string
  /** Such as `validations.email.alreadyexists`. */
  readonly code?: string
}

export interface Refusal {
  /** What the API rejects: the caller, the caller's permissions, or the request. */
  readonly blames: 'credentials' | 'permission' | 'request'
  /** At most five. */
  readonly objections: readonly Objection[]
}

/**
 * Reads the body of an answer other than 2xx. Undefined: it has no shape of this API, so it comes from something in front of it
 * (a firewall, a proxy, a login page), which says nothing about credentials or permissions.
 */
export type ReadRefusal = (status: number, json: unknown) => Refusal | undefined

export type JsonRecord = Readonly<Record<string, unknown>>

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Omits whatever is missing or does not look like an identifier. Undefined when nothing is left. */
export function objection(field: unknown, code: unknown): Objection | undefined {
  const known = {
    ...(isIdentifier(field, /^[a-zA-Z/][\w./~-]{0,79}$/) && { field }),
    ...(isIdentifier(code, /^[a-zA-Z][\w.-]{0,79}$/) && { code }),
  }
  return Object.keys(known).length === 0 ? undefined : known
}

function isIdentifier(value: unknown, shape: RegExp): value is string {
  return typeof value === 'string' && shape.test(value)
}

const mostObjections = 5

export function refusal(
  blames: Refusal['blames'],
  objections: readonly (Objection | undefined)[] = [],
): Refusal {
  return { blames, objections: objections.filter((one) => one !== undefined).slice(0, mostObjections) }
}

/** `work.title: invalid, work.site: unknown`; undefined without objections. */
export function objectionsText(objections: readonly Objection[]): string | undefined {
  if (objections.length === 0) return undefined
  return objections
    .map(({ field, code }) => [field, code].filter((part) => part !== undefined).join(': '))
    .join(', ')
}

/** True if a key or a sentence is about a permission; which one cannot be read from it. */
export function speaksOfRights(text: string): boolean {
  return /permission|forbidden|scope|privilege|not allowed|no access|access denied/i.test(text)
}

/**
 * Removes whatever equals a value that was sent with the call: an API that puts a value in the place of a code would
 * otherwise have a name shown. Compares whole words, so that a short name does not hide half of all codes.
 */
export function withoutValues(given: Refusal, sent: unknown): Refusal {
  const values = new Set(textsOf(sent).flatMap((text) => wordsOf(text)))
  const clean = ({ field, code }: Objection) =>
    objection(
      field !== undefined && values.has(field.toLowerCase()) ? undefined : field,
      code !== undefined && wordsOf(code).some((word) => values.has(word)) ? undefined : code,
    )
  return refusal(given.blames, given.objections.map(clean))
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(textsOf)
}

/** The text itself and its words: `validations.firstName.tooLong` has `validations`, `first`, `name`, `too` and `long`. */
function wordsOf(text: string): readonly string[] {
  const parts = text.replace(/([a-z])([A-Z])/g, '$1 $2').split(/[^\p{L}\p{M}\p{N}]+/u)
  return [...new Set([text, ...parts].map((part) => part.toLowerCase()))].filter((part) => part.length > 1)
}
