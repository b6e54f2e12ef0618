/** A mapping, as it is written and as it is used: which field of the destination gets which value. */
import type { Fault } from '../base/fault.ts'
import { isRecord } from '../base/refusal.ts'
import type { Detail } from '../pinpoint/read-hire.ts'
import { type Expression, ownDefault, parseExpression, parseTemplate, type Part } from './expression.ts'
import { type NamedField, nearFields } from './near/fields-meant.ts'
import { asked, didYouMean, tidy } from './same-text.ts'
import { sourceNamed } from './sources.ts'
import type { Target } from './target.ts'

/** What happens when there is no value: the run parks, the field is left out, or it gets this value, or what the template makes. */
export type Otherwise =
  'park' | 'leave-out' | { readonly value: string } | { readonly parts: readonly Part[] }

export type Rule =
  | { readonly kind: 'constant'; readonly value: string }
  | { readonly kind: 'template'; readonly parts: readonly Part[]; readonly otherwise: Otherwise | undefined }
  | {
      readonly kind: 'from'
      /** The first that has a value. */
      readonly from: readonly Expression[]
      /** What stands in Pinpoint → what the destination gets. What is not here stays as it is. */
      readonly values: readonly (readonly [string, string])[] | undefined
      readonly find: 'employee' | undefined
      readonly otherwise: Otherwise | undefined
    }

/** Target id → its rule. */
export type Mapping = ReadonlyMap<string, Rule>

/** Of an integration whose fields are not known before it is asked, the targets are not checked. */
export interface MappingContext {
  readonly targets?: readonly (Pick<Target, 'id' | 'writable'> & NamedField)[] | undefined
  /** Whether a field that is not among them may be one that the destination has. */
  readonly accepts?: ((target: string) => boolean) | undefined
}

const mostTargets = 200
const mostSources = 10
const mostValues = 2000
const longestText = 2000

export type ReadMapping =
  { readonly ok: true; readonly mapping: Mapping } | { readonly ok: false; readonly faults: readonly Fault[] }

/** The path of each fault begins with the target. Values are never quoted, since they may be personal. */
export function readMapping(written: unknown, context: MappingContext = {}): ReadMapping {
  if (!isRecord(written)) return { ok: false, faults: [{ path: '', problem: 'must be an object' }] }
  const entries = Object.entries(written)
  if (entries.length > mostTargets)
    return { ok: false, faults: [{ path: '', problem: `has more than ${mostTargets} targets` }] }
  const read = entries.map(([target, rule]) => ({
    target,
    rule: readRule(rule),
    fault: targetFault(target, context),
  }))
  const faults = read.flatMap(({ target, rule, fault }) => [
    ...(fault === undefined ? [] : [{ path: target, problem: fault }]),
    ...(isFaulty(rule) ? rule.problems.map((problem) => ({ path: target, problem })) : []),
  ])
  if (faults.length > 0) return { ok: false, faults }
  return {
    ok: true,
    mapping: new Map(read.flatMap(({ target, rule }) => (isFaulty(rule) ? [] : [[target, rule]]))),
  }
}

function targetFault(target: string, { targets, accepts }: MappingContext): string | undefined {
  if (target === '' || target.length > 200) return 'is not the id of a field'
  if (targets === undefined || accepts?.(target) === true) return undefined
  const known = targets.find(({ id }) => id === target)
  if (known === undefined) {
    const writable = targets.filter((one) => one.writable)
    return `is not a field of the destination${asked(nearFields(target, writable))}`
  }
  return known.writable ? undefined : 'cannot be mapped'
}

/** All that is wrong with a rule, or with a part of it. */
interface Faulty {
  readonly problems: readonly string[]
}

const faulty = (...problems: readonly string[]): Faulty => ({ problems: [...new Set(problems)] })

function isFaulty(read: unknown): read is Faulty {
  return isRecord(read) && 'problems' in read
}

function problemsOf(read: unknown): readonly string[] {
  return isFaulty(read) ? read.problems : []
}

const allowedKeys = {
  from: ['from', 'values', 'find', 'otherwise'],
  template: ['template', 'otherwise'],
  constant: ['constant'],
} as const

function readRule(written: unknown): Rule | Faulty {
  if (typeof written === 'string' || Array.isArray(written)) return readFrom({ from: written })
  if (!isRecord(written)) return faulty('must be a source, a list of sources, or an object')
  const [kind, ...others] = (['constant', 'template', 'from'] as const).filter((key) => key in written)
  if (kind === undefined || others.length > 0)
    return faulty('needs exactly one of from, template and constant')
  const allowed: readonly string[] = allowedKeys[kind]
  const unknown = Object.keys(written)
    .filter((key) => !allowed.includes(key))
    .map((key) => `has an unknown key ${key.slice(0, 40)}${didYouMean(key, allowed)}`)
  const rule =
    kind === 'constant'
      ? readConstant(written['constant'])
      : kind === 'template'
        ? readTemplate(written)
        : readFrom(written)
  return unknown.length === 0 ? rule : faulty(...unknown, ...problemsOf(rule))
}

function readConstant(value: unknown): Rule | Faulty {
  const text = textOf(value)
  return text === undefined
    ? faulty('needs a text, a number, true or false as its constant')
    : { kind: 'constant', value: text }
}

function readTemplate({ template, otherwise }: Readonly<Record<string, unknown>>): Rule | Faulty {
  const parsed = typeof template === 'string' ? parseTemplate(template) : undefined
  const then = readOtherwise(otherwise)
  if (parsed?.ok === true && !isFaulty(then))
    return { kind: 'template', parts: parsed.value, otherwise: then }
  const problems = parsed === undefined ? ['needs a text as its template'] : problemsOf(parsed)
  return faulty(...problems, ...problemsOf(then))
}

function readFrom({ from, values, find, otherwise }: Readonly<Record<string, unknown>>): Rule | Faulty {
  const expressions = readSources(from)
  const map = readValues(values)
  const then = readOtherwise(otherwise)
  const finds = find === undefined || find === 'employee' ? find : faulty('can only find: employee')
  if (!isFaulty(expressions) && !isFaulty(map) && !isFaulty(then) && !isFaulty(finds))
    return { kind: 'from', from: expressions, values: map, find: finds, otherwise: then }
  return faulty(...[expressions, finds, map, then].flatMap(problemsOf))
}

function readSources(from: unknown): readonly Expression[] | Faulty {
  const written: readonly unknown[] = Array.isArray(from) ? from : [from]
  if (written.length === 0 || written.length > mostSources) return faulty(`needs 1 to ${mostSources} sources`)
  const read = written.map((one) =>
    typeof one === 'string' ? parseExpression(one) : faulty('needs texts as its sources'),
  )
  const problems = read.flatMap(problemsOf)
  if (problems.length > 0) return faulty(...problems)
  return read.flatMap((one) => ('value' in one ? [one.value] : []))
}

function readValues(values: unknown): readonly (readonly [string, string])[] | undefined | Faulty {
  if (values === undefined) return undefined
  const problem = 'needs an object of texts as its values'
  if (!isRecord(values)) return faulty(problem)
  const entries = Object.entries(values)
  if (entries.length > mostValues) return faulty(`has more than ${mostValues} values`)
  const read: (readonly [string, string])[] = []
  for (const [name, value] of entries) {
    const text = textOf(value)
    if (text === undefined) return faulty(problem)
    read.push([name, text])
  }
  return read
}

function readOtherwise(written: unknown): Otherwise | undefined | Faulty {
  if (written === undefined || written === 'park' || written === 'leave-out') return written
  const given = isRecord(written) && Object.keys(written).length === 1 ? written : {}
  if (typeof given['template'] === 'string') {
    const parsed = parseTemplate(given['template'])
    return parsed.ok ? { parts: parsed.value } : faulty(...parsed.problems)
  }
  const value = textOf(given['value'])
  return value === undefined
    ? faulty('needs park, leave-out, { value: … } or { template: … } as its otherwise')
    : { value }
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'string' && value.length <= longestText ? tidy(value) : undefined
}

/** The same of a mapping as it is stored; of an unreadable one nothing. */
export function detailsOfWritten(written: unknown): readonly Detail[] {
  const read = readMapping(written)
  return read.ok ? detailsOf(read.mapping) : []
}

/** All that it may read. */
export function expressionsOf(rule: Rule): readonly Expression[] {
  if (rule.kind === 'constant') return []
  const { otherwise } = rule
  const instead = typeof otherwise === 'object' && 'parts' in otherwise ? otherwise.parts : []
  const parts: readonly Part[] = [...(rule.kind === 'from' ? rule.from : rule.parts), ...instead]
  return parts.filter((part) => typeof part !== 'string')
}

/** What Pinpoint has to be asked to send along. */
export function detailsOf(mapping: Mapping): readonly Detail[] {
  const needs = [...mapping.values()]
    .flatMap(expressionsOf)
    .flatMap(({ source }) => (source === ownDefault ? [] : (sourceNamed(source)?.needs ?? [])))
  return [...new Set(needs)].toSorted()
}
