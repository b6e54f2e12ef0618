/** Faults in what a person wrote (environment, file, settings): each with its path, in a plain sentence. */
import type { z } from 'zod'

export interface Fault {
  /** `tenants[0].pinpoint.apiKey`; empty for the whole input. */
  readonly path: string
  /** Continues the path: "is missing". Never quotes the value, which may be a secret. */
  readonly problem: string
}

export type Checked<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly faults: readonly Fault[] }

/** The value as the schema returns it, or all faults together. */
export function checkAgainst<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): Checked<z.output<Schema>> {
  const parsed = schema.safeParse(value, { reportInput: true })
  return parsed.success
    ? { ok: true, value: parsed.data }
    : { ok: false, faults: parsed.error.issues.flatMap((issue) => faultsOf(issue)) }
}

export function faultLine({ path, problem }: Fault): string {
  return path === '' ? problem : `${path} ${problem}`
}

/** `['tenants', 0, 'slug']` → `tenants[0].slug` */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    return text === '' ? String(part) : `${text}.${String(part)}`
  }, '')
}

type Issue = z.core.$ZodIssue

function faultsOf(issue: Issue): readonly Fault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: pathText([...issue.path, key]), problem: 'is not a known key' }))
  }
  return [{ path: pathText(issue.path), problem: problemOf(issue) }]
}

function problemOf(issue: Issue): string {
  const missing = issue.input === undefined ? 'is missing' : undefined
  switch (issue.code) {
    case 'invalid_type':
      return missing ?? `must be ${kinds[issue.expected] ?? issue.expected}${quotesHint(issue)}`
    case 'invalid_value':
      return missing ?? `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`
    case 'invalid_union':
      return missing ?? (eitherOr(issue.errors) || issue.message)
    case 'too_small':
      return tooSmall(issue)
    case 'too_big':
      return `must be at most ${issue.maximum}${issue.origin === 'string' ? ' characters long' : ''}`
    case 'custom':
    case 'invalid_element':
    case 'invalid_format':
    case 'invalid_key':
    case 'not_multiple_of':
    case 'unrecognized_keys':
      return issue.message
  }
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  object: 'an object',
  record: 'an object',
  array: 'a list',
  boolean: 'true or false',
  number: 'a number',
  int: 'a whole number',
}

/** YAML reads 12345 as a number: people meet this with ids. */
function quotesHint(issue: z.core.$ZodIssueInvalidType): string {
  return issue.expected === 'string' && typeof issue.input === 'number' ? ': put it in quotes' : ''
}

function tooSmall({ origin, minimum }: z.core.$ZodIssueTooSmall): string {
  if (origin === 'string')
    return minimum === 1 ? 'must not be empty' : `must have at least ${minimum} characters`
  if (origin === 'array') return minimum === 1 ? 'must not be empty' : `must have at least ${minimum} entries`
  return `must be at least ${minimum}`
}

function eitherOr(branches: readonly (readonly Issue[])[]): string {
  const lines = branches.map((branch) =>
    branch
      .flatMap((issue) => faultsOf(issue))
      .map(faultLine)
      .join(', '),
  )
  return lines.join('; or ')
}
