/** `${NAME}` in a declaration's texts: replaced after parsing, so that no value can add structure to the file. */
import { type Fault, pathText } from '../base/fault.ts'

export interface Interpolated {
  readonly value: unknown
  readonly faults: readonly Fault[]
}

/** Replaces in every text at any depth, keys excepted. `$${` stands for a literal `${`. */
export function interpolate(
  value: unknown,
  variables: Readonly<Record<string, string | undefined>>,
): Interpolated {
  const faults: Fault[] = []
  const inText = (text: string, path: readonly PropertyKey[]) =>
    text.replace(/\$\$\{|\$\{([A-Za-z_]\w*)\}|\$\{/g, (found, name: string | undefined) => {
      if (found === '$${') return '${'
      if (name === undefined) {
        faults.push({
          path: pathText(path),
          problem: 'has "${" without a variable\'s name and "}" (write "$${" for the characters themselves)',
        })
        return ''
      }
      const replacement = variables[name]
      // Set but empty is what a forgotten secret looks like in Compose files and CI.
      if (replacement === undefined || replacement === '') {
        faults.push({
          path: pathText(path),
          problem: `needs the environment variable ${name}, which is not set`,
        })
      }
      return replacement ?? ''
    })
  const walk = (part: unknown, path: readonly PropertyKey[]): unknown => {
    if (typeof part === 'string') return inText(part, path)
    if (Array.isArray(part)) return part.map((item, index) => walk(item, [...path, index]))
    if (typeof part !== 'object' || part === null) return part
    return Object.fromEntries(Object.entries(part).map(([key, item]) => [key, walk(item, [...path, key])]))
  }
  return { value: walk(value, []), faults }
}
