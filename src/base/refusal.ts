/**
 * A destination's refusal, as far as it may be shown: which fields it objects to, under which codes. Never its prose, which may
 * quote people. Each destination writes them in shapes of its own; its client says how they are read.
 */

/** One thing that a destination objects to. Both are identifiers of its API, at most 80 characters. */
export interface Objection {
  /** Such as `work.title` or `/data/attributes/email`. */
  readonly field?: string
  /** Such as `validations.email.alreadyexists`. */
  readonly code?: string
}

export interface Refusal {
  /** What the API itself says is wrong: who calls, what they may do, or what they ask for. */
  readonly blames: 'credentials' | 'permission' | 'request'
  /** At most five. */
  readonly objections: readonly Objection[]
}

/**
 * Reads the body of an answer that is no 2xx. Undefined: no shape of this API, so it comes from something in front of it
 * (a firewall, a proxy, a login page), which says nothing of credentials or permissions.
 */
export type ReadRefusal = (status: number, json: unknown) => Refusal | undefined

export type JsonRecord = Readonly<Record<string, unknown>>

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What is not given, or does not look like an identifier, is left out. Undefined when nothing is left. */
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

/** `work.title: invalid, work.site: unknown`; undefined when nothing is said. */
export function objectionsText(objections: readonly Objection[]): string | undefined {
  if (objections.length === 0) return undefined
  return objections
    .map(({ field, code }) => [field, code].filter((part) => part !== undefined).join(': '))
    .join(', ')
}

/** True of words about a right, in a machine's key or in a sentence; which right cannot be read from them. */
export function speaksOfRights(text: string): boolean {
  return /permission|forbidden|scope|privilege|not allowed|no access|access denied/i.test(text)
}

/**
 * Without whatever equals something that was sent with the call: an API that puts a value where its code should be would
 * otherwise have a name shown. By whole words, so that a short name does not hide half the codes there are.
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

/** The text itself and its parts: `validations.firstName.tooLong` holds `validations`, `first`, `name`, `too` and `long`. */
function wordsOf(text: string): readonly string[] {
  const parts = text.replace(/([a-z])([A-Z])/g, '$1 $2').split(/[^\p{L}\p{M}\p{N}]+/u)
  return [...new Set([text, ...parts].map((part) => part.toLowerCase()))].filter((part) => part.length > 1)
}
