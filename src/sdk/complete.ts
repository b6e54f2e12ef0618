/** A mapping reports its gaps and never fills them with a guess. */

export type Complete<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly missing: readonly (keyof T & string)[] }

type MaybeMissing<T> = { readonly [K in keyof T]: T[K] | undefined | null | '' }

/** The value if every field is present (not undefined, null or blank), otherwise the names of the missing fields. */
export function complete<T extends object>(fields: MaybeMissing<T>): Complete<T> {
  const missing = (Object.keys(fields) as (keyof T & string)[]).filter((name) => {
    const value: unknown = fields[name]
    return value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
  })
  return missing.length === 0 ? { ok: true, value: fields as T } : { ok: false, missing }
}
