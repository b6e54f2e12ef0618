/** `candidate.firstName|ascii|lower`: a source and what is done with its value. Parsing only; nothing can repeat or grow. */
import { type Filter, filterNamed, filterNames } from './filters.ts'
import { countryNamed } from './filters/country.ts'
import { didYouMean } from './same-text.ts'
import { namedSources, sourceNamed, sources } from './sources.ts'

export interface AppliedFilter {
  readonly name: string
  /** Of `plusDays(14)`. */
  readonly number: number | undefined
  /** Of `phone(GB)`. */
  readonly country?: string
}

export interface Expression {
  readonly source: string
  readonly filters: readonly AppliedFilter[]
}

export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string }

/** Undefined: it may be named. Otherwise a sentence that continues the place. */
export type ProblemOfSource = (source: string) => string | undefined

/** In a list of sources: what the integration does by itself. */
export const ownDefault = 'default'

const mostFilters = 8

export function parseExpression(
  text: string,
  problemOf: ProblemOfSource = problemOfHires,
): Parsed<Expression> {
  const [source = '', ...filters] = outsideQuotes(text, '|').map((part) => part.trim())
  const problem = problemOf(source)
  if (problem !== undefined) return { ok: false, problem }
  if (filters.length > mostFilters) return { ok: false, problem: `has more than ${mostFilters} filters` }
  const applied: AppliedFilter[] = []
  for (const filter of filters) {
    const parsed = parseFilter(filter)
    if (!parsed.ok) return parsed
    applied.push(parsed.value)
  }
  if (source === ownDefault && applied.length > 0) return { ok: false, problem: '`default` takes no filters' }
  return { ok: true, value: { source, filters: applied } }
}

const problemOfHires: ProblemOfSource = (source) =>
  source === ownDefault || sourceNamed(source) !== undefined ? undefined : unknownSource(source, sourceIds)

export function unknownSource(source: string, ids: readonly string[]): string {
  const near = didYouMean(source, ids)
  const isText = near === '' && !source.includes('.')
  return `names an unknown source ${JSON.stringify(source)}${near}${isText ? '. A text that is always the same is written as { constant: … }' : ''}`
}

const sourceIds = [...sources.map(({ id }) => id), ...namedSources.map(({ prefix }) => `${prefix}["NAME"]`)]

function parseFilter(text: string): Parsed<AppliedFilter> {
  const whole = /^(\w+)(?:\((?:(\d{1,4})|([A-Z]{2}))\))?$/.exec(text)
  const [, name = text, digits, country] = whole ?? /^(\w+)\(/.exec(text) ?? []
  const filter = filterNamed(name)
  if (filter === undefined)
    return {
      ok: false,
      problem: `names an unknown filter ${JSON.stringify(name)}${didYouMean(name, filterNames)}`,
    }
  const how = misused(filter.takes, { digits, country })
  if (whole === null || how !== undefined)
    return { ok: false, problem: `${name} takes ${how ?? 'nothing like that'}` }
  const number = digits === undefined ? undefined : Number(digits)
  return { ok: true, value: { name, number, ...(country !== undefined && { country }) } }
}

interface Brackets {
  readonly digits: string | undefined
  readonly country: string | undefined
}

/** What belongs into the brackets. Undefined: it stands there. */
function misused(takes: Filter['takes'], { digits, country }: Brackets): string | undefined {
  if (takes === 'days')
    return digits === undefined ? 'a number of days from 0 to 9999: plusDays(14)' : undefined
  if (digits !== undefined) return 'no number'
  if (country === undefined) return undefined
  if (takes !== 'country') return 'no country'
  return countryNamed(country) === undefined ? 'the two letters of a country: phone(GB)' : undefined
}

/** A literal, or the value of an expression. */
export type Part = string | Expression

const longestTemplate = 500
const mostParts = 40

/** `{candidate.firstName|ascii|lower}@acme.com` */
export function parseTemplate(text: string, problemOf?: ProblemOfSource): Parsed<readonly Part[]> {
  if (text.length > longestTemplate)
    return { ok: false, problem: `is longer than ${longestTemplate} characters` }
  const parts: Part[] = []
  let rest = text
  while (rest !== '') {
    const opens = rest.indexOf('{')
    const literal = opens < 0 ? rest : rest.slice(0, opens)
    if (literal.includes('}')) return { ok: false, problem: 'has a "}" without its "{"' }
    if (literal !== '') parts.push(literal)
    if (opens < 0) break
    const [inner = '', ...after] = outsideQuotes(rest.slice(opens + 1), '}')
    if (after.length === 0) return { ok: false, problem: 'has a "{" without its "}"' }
    const parsed = parseExpression(inner, problemOf)
    if (!parsed.ok) return parsed
    if (parsed.value.source === ownDefault)
      return { ok: false, problem: 'cannot use `default` in a template' }
    parts.push(parsed.value)
    rest = rest.slice(opens + 1 + inner.length + 1)
  }
  if (parts.length === 0) return { ok: false, problem: 'must not be empty' }
  if (parts.length > mostParts) return { ok: false, problem: `has more than ${mostParts} parts` }
  return { ok: true, value: parts }
}

/** Names of custom attributes stand in quotes, and may hold any of these characters. */
function outsideQuotes(text: string, separator: '|' | '}'): readonly string[] {
  const parts = ['']
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] ?? ''
    if (letter === '\\' && quoted) {
      parts.push(`${parts.pop() ?? ''}${letter}${text[++at] ?? ''}`)
      continue
    }
    if (letter === '"') quoted = !quoted
    if (letter === separator && !quoted) parts.push('')
    else parts.push(`${parts.pop() ?? ''}${letter}`)
  }
  return parts
}
