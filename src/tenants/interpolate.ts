/**
 * The text of a declaration: YAML with `${NAME}` in it, which is replaced after parsing, so that no value can add structure to the file,
 * and in secrets only, since other values are shown and sent to destinations. A tenant cannot use the service's own variables.
 */
import { parseDocument, type YAMLError } from 'yaml'

import { type Checked, type Fault, pathText } from '../base/fault.ts'
import { variableNames } from '../config/environment.ts'

export interface Interpolated {
  readonly value: unknown
  readonly faults: readonly Fault[]
}

type Path = readonly PropertyKey[]

/** Replaces in every text at any depth, except keys. `$${` is a literal `${`. */
export function interpolate(
  value: unknown,
  variables: Readonly<Record<string, string | undefined>>,
): Interpolated {
  const faults: Fault[] = []
  const inText = (text: string, path: Path) =>
    text.replace(/\$\$\{|\$\{([A-Za-z_]\w*)\}|\$\{/g, (found, name: string | undefined) => {
      if (found === '$${') return '${'
      const problem = problemOf(name, path, variables)
      if (problem !== undefined) faults.push({ path: pathText(path), problem })
      return problem === undefined && name !== undefined ? (variables[name] ?? '') : ''
    })
  const walk = (part: unknown, path: Path): unknown => {
    if (typeof part === 'string') return inText(part, path)
    if (Array.isArray(part)) return part.map((item, index) => walk(item, [...path, index]))
    if (typeof part !== 'object' || part === null) return part
    return Object.fromEntries(Object.entries(part).map(([key, item]) => [key, walk(item, [...path, key])]))
  }
  return { value: walk(value, []), faults }
}

function problemOf(
  name: string | undefined,
  path: Path,
  variables: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (name === undefined) {
    return 'has "${" without a variable\'s name and "}" (write "$${" for the characters themselves)'
  }
  if (!isSecret(path)) {
    return 'may not use ${…}: only apiKey, signingSecrets and secrets are filled in from the environment (write "$${" for the characters themselves)'
  }
  if (isReserved(name)) {
    return `may not use ${name}, which is the service's own: put the tenant's secret into a variable of its own`
  }
  // Set but empty is how a forgotten secret looks in Compose files and CI.
  const value = variables[name]
  return value === undefined || value === ''
    ? `needs the environment variable ${name}, which is not set`
    : undefined
}

/** `tenants[…].pinpoint.apiKey` or `.signingSecrets`, and `tenants[…].connections[…].secrets`. */
function isSecret([root, , part, field, of]: Path): boolean {
  if (root !== 'tenants') return false
  return part === 'pinpoint'
    ? field === 'apiKey' || field === 'signingSecrets'
    : part === 'connections' && of === 'secrets'
}

const ownVariables: ReadonlySet<string> = new Set(variableNames)

/** Variables that configure the service, its database driver, its cloud or Node. */
function isReserved(name: string): boolean {
  return ownVariables.has(name) || /^(PG|AWS_|OTEL_|NODE_|npm_)|_PROXY$/i.test(name)
}

/** YAML or JSON. */
export function parseYaml(text: string): Checked<unknown> {
  const document = parseDocument(text, { logLevel: 'silent' })
  // What the parser says of the lines below follows from the first fault.
  const [first] = [...document.errors, ...document.warnings]
  if (first !== undefined) return { ok: false, faults: [{ path: '', problem: invalidYaml(first, text) }] }
  try {
    return { ok: true, value: document.toJS() as unknown }
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error
    return {
      ok: false,
      faults: [{ path: '', problem: 'an alias (*name) refers to no anchor, or there are too many' }],
    }
  }
}

const quotesHint = `: within { } or [ ], put '…' around a source such as job.custom["Grade"]`

/** The parser's own messages quote the file, which may hold secrets. */
function invalidYaml({ code, linePos }: YAMLError, text: string): string {
  const line = linePos?.[0].line ?? 1
  const isUnquoted = /[[{].*[^'"]\b(custom|answer)\["/.test(text.split('\n')[line - 1] ?? '')
  return `line ${line} is not valid YAML (${code.toLowerCase().replaceAll('_', ' ')})${isUnquoted ? quotesHint : ''}`
}
