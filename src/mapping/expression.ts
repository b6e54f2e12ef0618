/** `candidate.firstName|ascii|lower`: a source and what is done with its value. Parsing only; nothing can repeat or grow. */
import { shortened } from '../base/plain-text.ts'
import { type Filter, filterNamed, filterNames } from './filters.ts'
import { countryNamed } from './filters/country.ts'
import { asked, didYouMean } from './same-text.ts'
import { namedId, namedSources, sourceNamed, sources } from './sources.ts'

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
  /** All that is wrong, as far as it can be read. */
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: readonly string[] }

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
  const read = filters.slice(0, mostFilters).map(parseFilter)
  const problems = [
    problemOf(source),
    ...(filters.length > mostFilters ? [`has more than ${mostFilters} filters`] : []),
    ...read.flatMap((one) => (one.ok ? [] : one.problems)),
    ...(source === ownDefault && filters.length > 0 ? ['`default` takes no filters'] : []),
  ].filter((one) => one !== undefined)
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, value: { source, filters: read.flatMap((one) => (one.ok ? [one.value] : [])) } }
}

const problemOfHires: ProblemOfSource = (source) =>
  source === ownDefault || sourceNamed(source) !== undefined ? undefined : unknownSource(source, sourceIds)

export function unknownSource(source: string, ids: readonly string[]): string {
  const named = quotedName(source)
  const near = named !== undefined && ids.includes(named.kind) ? asked([named.id]) : didYouMean(source, ids)
  const isText = near === '' && !source.includes('.')
  return `names an unknown source ${JSON.stringify(shortened(source))}${near}${isText ? '. A text that is always the same is written as { constant: … }' : ''}`
}

/** What is meant by `application.custom.T-shirt size`: names of the customer's own fields stand in brackets and double quotes. */
function quotedName(source: string): { readonly id: string; readonly kind: string } | undefined {
  const named = namedSources.find(({ prefix }) => source.toLowerCase().startsWith(prefix.toLowerCase()))
  const [, name] =
    /^[.\s[(]+["'‘’“”]?([^"'‘’“”[\]()]{1,200})["'‘’“”]?\s*[\])]?$/u.exec(
      named === undefined ? '' : source.slice(named.prefix.length),
    ) ?? []
  if (named === undefined || name === undefined || name.trim() === '') return undefined
  return { id: namedId(named.prefix, name.trim()), kind: namedId(named.prefix, 'NAME') }
}

const sourceIds = [
  ...sources.map(({ id }) => id),
  ...namedSources.map(({ prefix }) => namedId(prefix, 'NAME')),
]

function parseFilter(text: string): Parsed<AppliedFilter> {
  const whole = /^(\w+)(?:\((?:(\d{1,4})|([A-Z]{2}))\))?$/.exec(text)
  const [, name = text, digits, country] = whole ?? /^(\w+)\(/.exec(text) ?? []
  const filter = filterNamed(name)
  if (filter === undefined)
    return wrong(`names an unknown filter ${JSON.stringify(name)}${didYouMean(name, filterNames)}`)
  const how = misused(filter.takes, { digits, country })
  if (whole === null || how !== undefined) return wrong(`${name} takes ${how ?? 'nothing like that'}`)
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
  if (text.length > longestTemplate) return wrong(`is longer than ${longestTemplate} characters`)
  const parts: Part[] = []
  const problems: string[] = []
  let rest = text
  while (rest !== '') {
    const opens = rest.indexOf('{')
    const literal = opens < 0 ? rest : rest.slice(0, opens)
    if (literal.includes('}')) problems.push('has a "}" without its "{"')
    if (literal !== '') parts.push(literal)
    if (opens < 0) break
    const [inner = '', ...after] = outsideQuotes(rest.slice(opens + 1), '}')
    if (after.length === 0) return wrong(...problems, 'has a "{" without its "}"')
    const parsed = parseExpression(inner, problemOf)
    if (!parsed.ok) problems.push(...parsed.problems)
    else if (parsed.value.source === ownDefault) problems.push('cannot use `default` in a template')
    else parts.push(parsed.value)
    rest = rest.slice(opens + 1 + inner.length + 1)
  }
  if (problems.length > 0) return wrong(...problems)
  if (parts.length === 0) return wrong('must not be empty')
  return parts.length > mostParts ? wrong(`has more than ${mostParts} parts`) : { ok: true, value: parts }
}

/** Each told once. */
function wrong(...problems: readonly string[]) {
  return { ok: false as const, problems: [...new Set(problems)] }
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

/** As it is written. */
export function expressionText({ source, filters }: Expression): string {
  const applied = filters.map(({ name, number, country }) => {
    const inside = number ?? country
    return inside === undefined ? name : `${name}(${inside})`
  })
  return [source, ...applied].join('|')
}

/**
 * What works on days, on what never is one, such as `job.title|nextWorkingDay`: which filter, and the expression without it. The customer's own
 * fields may hold anything.
 */
export function neverDay({
  source,
  filters,
}: Expression): { readonly filter: string; readonly without: Expression } | undefined {
  const known = sources.find(({ id }) => id === source)
  const ofDays = filters.filter(({ name }) => filterNamed(name)?.ofDays === true)
  const [filter] = ofDays
  if (known === undefined || ['date', 'moment'].includes(known.type) || filter === undefined) return undefined
  return {
    filter: filter.name,
    without: { source, filters: filters.filter((one) => !ofDays.includes(one)) },
  }
}
