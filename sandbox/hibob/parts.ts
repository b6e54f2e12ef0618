/** The fields of an employee by their paths: `work.title` is the leaf `title` of the branch `work`. */
import type { Json } from '../../src/base/json.ts'
import { isJsonObject } from './json-object.ts'

export type Part = Readonly<Record<string, Json | undefined>>

export function leaves(part: Part, prefix: string): readonly (readonly [path: string, value: Json])[] {
  return Object.entries(part).flatMap(([name, value = null]) =>
    isJsonObject(value) ? leaves(value, `${prefix}${name}.`) : [[`${prefix}${name}`, value] as const],
  )
}

/** The part with its wanted leaves only, and without branches that this leaves bare. */
export function picked(part: Part, prefix: string, wanted: (path: string) => boolean): Record<string, Json> {
  const kept = Object.entries(part).flatMap(([name, value = null]): [string, Json][] => {
    const path = `${prefix}${name}`
    if (!isJsonObject(value)) return wanted(path) ? [[name, value]] : []
    const inner = picked(value, `${path}.`, wanted)
    return Object.keys(inner).length > 0 ? [[name, inner]] : []
  })
  return Object.fromEntries(kept)
}
