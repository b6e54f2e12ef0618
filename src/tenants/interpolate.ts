/**
 * The text of a declaration: YAML with `${NAME}` in it, which is replaced after parsing, so that no value can add structure to the file,
 * and in secrets only, since other values are shown and sent to destinations. A tenant cannot use the service's own variables.
 */
import { isCollection, isPair, isScalar, parseDocument, visit, type YAMLError } from 'yaml'

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
    const entries = Object.entries(part).map(([key, item]) => {
      const at = [...path, key]
      // Schemas leave it out without a word.
      if (key === '__proto__') faults.push({ path: pathText(at), problem: 'is no name that can be used' })
      return [key, walk(item, at)] as const
    })
    return Object.fromEntries(entries)
  }
  return { value: walk(value, []), faults }
}

function problemOf(
  name: string | undefined,
  path: Path,
  variables: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (path.at(-1) === 'template' || path.at(-1) === 'comment') {
    return 'has "${": a source stands between { and }, without the $ (write "$${" for the characters themselves)'
  }
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

/** Nobody writes deeper ones, and whatever reads them would run out of stack. */
const mostLevels = 100

/** YAML or JSON. Keys are names, so `012` and `null` are the texts that they look like. */
export function parseYaml(text: string): Checked<unknown> {
  const not = (problem: string) => ({ ok: false, faults: [{ path: '', problem }] }) as const
  try {
    const document = parseDocument(text, { logLevel: 'silent', stringKeys: true })
    // What the parser says of the lines below follows from the first fault.
    const [first] = [...document.errors, ...document.warnings]
    if (first !== undefined) return not(invalidYaml(first, text))
    if (!readAsWritten(document)) return not(tooDeep)
    return { ok: true, value: document.toJS() as unknown }
  } catch (error) {
    if (error instanceof ReferenceError)
      return not('an alias (*name) refers to no anchor, or there are too many')
    throw error
  }
}

const tooDeep = `is nested more than ${mostLevels} levels deep`

/**
 * A mapping sends texts: `0042` as a number would be 42, and an id of more digits than a number holds another id. False: it is nested too
 * deeply.
 */
function readAsWritten(document: ReturnType<typeof parseDocument>): boolean {
  let isDeep = false
  visit(document, {
    Collection: (_key, _node, path) => {
      isDeep = path.filter(isCollection).length > mostLevels
      return isDeep ? visit.BREAK : undefined
    },
    Scalar: (_key, node, path) => {
      const { value, source } = node
      const isOther = typeof value === 'number' && source !== undefined && String(value) !== source
      const isMapped = () =>
        path.some((one) => isPair(one) && isScalar(one.key) && one.key.value === 'mapping')
      if (isOther && isMapped()) node.value = source
    },
  })
  return !isDeep
}

const quotesHint = `: within { } or [ ], put '…' around a source such as job.custom["Grade"]`

/** The parser's own messages quote the file, which may hold secrets. */
function invalidYaml({ code, linePos }: YAMLError, text: string): string {
  const line = linePos?.[0].line ?? 1
  const isUnquoted = /[[{].*[^'"]\b(custom|answer)\["/.test(text.split('\n')[line - 1] ?? '')
  return `line ${line} is not valid YAML (${code.toLowerCase().replaceAll('_', ' ')})${isUnquoted ? quotesHint : ''}`
}
