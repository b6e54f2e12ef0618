/** A mapping and a hire → the value of each target and where it came from, or why it has none. Pure: same input, same output. */
import { quoted } from '../base/plain-text.ts'
import { type AppliedFilter, type Expression, ownDefault, type Part } from './expression.ts'
import { filterNamed } from './filters.ts'
import type { Mapping, Otherwise, Rule } from './mapping.ts'
import { entryOf, tidy } from './same-text.ts'
import { type Hire, type Source, sourceNamed } from './sources.ts'

export interface MappedValue {
  readonly target: string
  readonly value: string
  /** The first source of a template, none of a constant. */
  readonly source: string | undefined
  readonly rule: 'source' | 'values' | 'otherwise' | 'constant' | 'template'
  /** Before the table of values. */
  readonly original?: string
  /** Set: the value is how a person of the destination is found. */
  readonly find: 'employee' | undefined
  /** The value says something of the organisation only, so it may stand in reasons. */
  readonly organisational: boolean
  /** Whether the run parks where the destination does not take the value. */
  readonly parks: boolean
}

/** It never tells a personal value. */
export interface Gap {
  readonly target: string
  readonly source: string | undefined
  readonly code:
    | 'no_value'
    /** Pinpoint does not show it to the API key, which is not the same as none. */
    | 'not_shown'
    | 'unfit'
    /** The mapping has a table of values without it, and says what happens then. */
    | 'not_in_values'
    /** The destination does not have the field any more. */
    | 'unknown_field'
    | 'not_writable'
    | 'too_long'
    | 'not_a_choice'
    | 'ambiguous_choice'
    | 'not_a_date'
    | 'not_a_number'
    | 'not_a_boolean'
    | 'not_an_email'
    /** The destination has nobody who is found by the value. */
    | 'not_found'
    /** The value fits, but goes into a row that lacks something else. */
    | 'row_left_out'
  /** A sentence. */
  readonly reason: string
  readonly near: readonly string[]
  /** Whether the run has to park for it; otherwise the target is left out. */
  readonly parks: boolean
  /** Which part of the rule has given a value that does not fit. */
  readonly rule?: MappedValue['rule'] | undefined
  /** What Pinpoint has, where it says something of the organisation: the left side of a table of values. */
  readonly key?: string | undefined
  /** What may have been meant, as a mapping names it. */
  readonly best?: string | undefined
  /** The line of the mapping, or of the setting that says it, that would mend it, as YAML. */
  readonly mend?: string | undefined
}

export interface Evaluated {
  readonly values: readonly MappedValue[]
  readonly gaps: readonly Gap[]
}

export interface EvaluationContext {
  readonly timeZone?: string | undefined
  /** What the integration does by itself; where a target is mapped to `default`, or not at all. */
  readonly defaults?: Mapping | undefined
  /** Default: the catalogue of what Pinpoint says of a hire. */
  readonly sourceNamed?: ((id: string) => Source | undefined) | undefined
}

const longestValue = 2000

export function evaluate(mapping: Mapping, hire: Hire, context: EvaluationContext = {}): Evaluated {
  const whole = new Map([...(context.defaults ?? []), ...mapping])
  const values: MappedValue[] = []
  const gaps: Gap[] = []
  for (const [target, rule] of whole) {
    const result = applyRule(rule, { target, hire, context })
    if ('value' in result) values.push(result)
    else gaps.push(result)
  }
  return { values, gaps }
}

interface Applying {
  readonly target: string
  readonly hire: Hire
  readonly context: EvaluationContext
}

function applyRule(rule: Rule, applying: Applying): MappedValue | Gap {
  const { target } = applying
  const base = { target, source: undefined, find: undefined, organisational: true, parks: false }
  if (rule.kind === 'constant') return { ...base, value: rule.value, rule: 'constant' }
  const found = rule.kind === 'template' ? applyTemplate(rule.parts, applying) : applyFrom(rule, applying)
  const otherwise: Otherwise | undefined = rule.otherwise
  const parks = otherwise === 'park'
  if ('value' in found) return { ...found, find: rule.kind === 'from' ? rule.find : undefined, parks }
  if (typeof otherwise !== 'object' || found.code === 'not_shown') return { ...found, parks }
  const instead: MappedValue | Gap =
    'parts' in otherwise
      ? applyTemplate(otherwise.parts, applying)
      : { ...base, value: otherwise.value, rule: 'otherwise' }
  // Of a person the mapping may give an address to find them by, or their id.
  const finds = rule.kind === 'from' && 'value' in instead && instead.value.includes('@')
  return finds ? { ...instead, find: rule.find } : instead
}

function applyFrom(rule: Rule & { readonly kind: 'from' }, applying: Applying): MappedValue | Gap {
  const { target, context } = applying
  for (const expression of rule.from) {
    if (expression.source === ownDefault) {
      const own = context.defaults?.get(target)
      const found = own && applyRule(withoutDefault(own), applying)
      if (found !== undefined && ('value' in found || found.code !== 'no_value')) return found
      continue
    }
    const found = read(expression, applying)
    if (found === undefined) continue
    return 'value' in found ? translated(rule, found) : found
  }
  const hidden = rule.from.find(({ source }) => isHidden(source, applying.hire))
  if (hidden !== undefined) return notShown(target, hidden.source)
  const [first] = rule.from
  const sources = rule.from.map(({ source }) => source).join(', ')
  return gapOf(target, first?.source, { code: 'no_value', reason: `Pinpoint has no value of ${sources}.` })
}

/** The default of a target cannot lead back to itself. */
function withoutDefault(rule: Rule): Rule {
  if (rule.kind !== 'from') return rule
  return { ...rule, from: rule.from.filter(({ source }) => source !== ownDefault) }
}

/** With `otherwise`, a value that the list does not have counts as none. */
function translated(rule: Rule & { readonly kind: 'from' }, found: MappedValue): MappedValue | Gap {
  if (rule.values === undefined) return found
  const entry = entryOf(rule.values, found.value)
  if (entry !== undefined) return { ...found, value: entry[1], rule: 'values', original: found.value }
  if (rule.otherwise === undefined) return found
  const told = found.organisational ? ` ${quoted(found.value)}` : ''
  const gap = gapOf(found.target, found.source, {
    code: 'not_in_values',
    reason: `The values of the mapping do not have the value${told} of ${found.source ?? 'its source'}.`,
  })
  return { ...gap, key: found.organisational ? found.value : undefined }
}

function applyTemplate(parts: readonly Part[], applying: Applying): MappedValue | Gap {
  const { target } = applying
  const used: MappedValue[] = []
  let text = ''
  for (const part of parts) {
    if (typeof part === 'string') {
      text += part
      continue
    }
    const found = read(part, applying)
    if (found === undefined) {
      if (isHidden(part.source, applying.hire)) return notShown(target, part.source)
      return gapOf(target, part.source, {
        code: 'no_value',
        reason: `Pinpoint has no value of ${part.source}.`,
      })
    }
    if (!('value' in found)) return found
    used.push(found)
    text += found.value
  }
  const [first] = used
  if (text.length > longestValue) return gapOf(target, first?.source, tooLong)
  const organisational = used.every((one) => one.organisational)
  return {
    target,
    value: text,
    source: first?.source,
    rule: 'template',
    find: undefined,
    organisational,
    parks: false,
  }
}

/** The job by itself is refused to this API key: title and visibility come along with the application all the same. */
function isHidden(source: string, { application }: Hire): boolean {
  return application.jobRefused !== undefined && source.startsWith('job.')
}

function notShown(target: string, source: string): Gap {
  const reason = `Pinpoint does not show the job to this API key, so ${source} is not known.`
  return gapOf(target, source, { code: 'not_shown', reason })
}

const tooLong = { code: 'too_long', reason: `Its value is longer than ${longestValue} characters.` } as const

/** Undefined: no value. */
function read(
  { source, filters }: Expression,
  { target, hire, context }: Applying,
): MappedValue | Gap | undefined {
  const from = (context.sourceNamed ?? sourceNamed)(source)
  let value = tidy(from?.read(hire))
  if (from === undefined || value === undefined) return undefined
  if (value.length > longestValue) return gapOf(target, source, tooLong)
  for (const filter of filters) {
    const country = from.country?.(hire) ?? filter.country
    const result = applyFilter({ ...filter, ...(country !== undefined && { country }) }, value, context)
    if (typeof result !== 'string') {
      return gapOf(target, source, { code: 'unfit', reason: `The value of ${source} ${result.problem}.` })
    }
    value = result
  }
  if (value.length > longestValue) return gapOf(target, source, tooLong)
  // A name of punctuation only has nothing left as a slug, and is not made up.
  if (value === '')
    return gapOf(target, source, { code: 'unfit', reason: `Nothing is left of the value of ${source}.` })
  const { organisational } = from
  return { target, value, source, rule: 'source', find: undefined, organisational, parks: false }
}

function applyFilter(
  { name, number = 0, country }: AppliedFilter,
  text: string,
  { timeZone }: EvaluationContext,
) {
  return (
    filterNamed(name)?.apply(text, { number, country, timeZone }) ?? {
      problem: 'meets a filter that is not known',
    }
  )
}

export function gapOf(
  target: string,
  source: string | undefined,
  { code, reason, near = [] }: Pick<Gap, 'code' | 'reason'> & { readonly near?: readonly string[] },
): Gap {
  return { target, source, code, reason, near, parks: false }
}
