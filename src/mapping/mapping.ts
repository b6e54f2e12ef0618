/** A mapping, as it is written and as it is used: which field of the destination gets which value. */
import type { Fault } from '../base/fault.ts'
import { isRecord } from '../base/refusal.ts'
import type { Detail } from '../pinpoint/read-hire.ts'
import { type Expression, ownDefault, parseExpression, parseTemplate, type Part } from './expression.ts'
import { asked, didYouMean, likelyMeant } from './same-text.ts'
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
  readonly targets?: readonly Pick<Target, 'id' | 'writable'>[] | undefined
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
    ...('problem' in rule ? [{ path: target, problem: rule.problem }] : []),
  ])
  if (faults.length > 0) return { ok: false, faults }
  return {
    ok: true,
    mapping: new Map(read.flatMap(({ target, rule }) => ('problem' in rule ? [] : [[target, rule]]))),
  }
}

function targetFault(target: string, { targets, accepts }: MappingContext): string | undefined {
  if (target === '' || target.length > 200) return 'is not the id of a field'
  if (targets === undefined || accepts?.(target) === true) return undefined
  const known = targets.find(({ id }) => id === target)
  if (known === undefined) {
    const ids = targets.filter(({ writable }) => writable).map(({ id }) => id)
    const likely = likelyMeant(target, ids)
    return `is not a field of the destination${likely.length > 0 ? asked(likely) : didYouMean(target, ids)}`
  }
  return known.writable ? undefined : 'cannot be mapped'
}

interface Problem {
  readonly problem: string
}

function readRule(written: unknown): Rule | Problem {
  if (typeof written === 'string' || Array.isArray(written)) return readFrom({ from: written })
  if (!isRecord(written)) return { problem: 'must be a source, a list of sources, or an object' }
  const kinds = ['constant', 'template', 'from'].filter((key) => key in written)
  const [kind] = kinds
  if (kinds.length !== 1) return { problem: 'needs exactly one of from, template and constant' }
  const allowed =
    kind === 'from'
      ? ['from', 'values', 'find', 'otherwise']
      : kind === 'template'
        ? ['template', 'otherwise']
        : ['constant']
  const unknown = Object.keys(written).find((key) => !allowed.includes(key))
  if (unknown !== undefined)
    return { problem: `has an unknown key ${unknown.slice(0, 40)}${didYouMean(unknown, allowed)}` }
  if (kind === 'constant') return readConstant(written['constant'])
  return kind === 'template' ? readTemplate(written) : readFrom(written)
}

function readConstant(value: unknown): Rule | Problem {
  const text = textOf(value)
  return text === undefined
    ? { problem: 'needs a text, a number, true or false as its constant' }
    : { kind: 'constant', value: text }
}

function readTemplate({ template, otherwise }: Readonly<Record<string, unknown>>): Rule | Problem {
  if (typeof template !== 'string') return { problem: 'needs a text as its template' }
  const parsed = parseTemplate(template)
  if (!parsed.ok) return parsed
  const then = readOtherwise(otherwise)
  return isProblem(then) ? then : { kind: 'template', parts: parsed.value, otherwise: then }
}

function readFrom({ from, values, find, otherwise }: Readonly<Record<string, unknown>>): Rule | Problem {
  const written: readonly unknown[] = Array.isArray(from) ? from : [from]
  if (written.length === 0 || written.length > mostSources)
    return { problem: `needs 1 to ${mostSources} sources` }
  const expressions: Expression[] = []
  for (const one of written) {
    if (typeof one !== 'string') return { problem: 'needs texts as its sources' }
    const parsed = parseExpression(one)
    if (!parsed.ok) return parsed
    expressions.push(parsed.value)
  }
  if (find !== undefined && find !== 'employee') return { problem: 'can only find: employee' }
  const map = readValues(values)
  if (isProblem(map)) return map
  const then = readOtherwise(otherwise)
  return isProblem(then) ? then : { kind: 'from', from: expressions, values: map, find, otherwise: then }
}

function readValues(values: unknown): readonly (readonly [string, string])[] | undefined | Problem {
  if (values === undefined) return undefined
  const problem = 'needs an object of texts as its values'
  if (!isRecord(values)) return { problem }
  const entries = Object.entries(values)
  if (entries.length > mostValues) return { problem: `has more than ${mostValues} values` }
  const read: (readonly [string, string])[] = []
  for (const [name, value] of entries) {
    const text = textOf(value)
    if (text === undefined) return { problem }
    read.push([name, text])
  }
  return read
}

function readOtherwise(written: unknown): Otherwise | undefined | Problem {
  if (written === undefined || written === 'park' || written === 'leave-out') return written
  const given = isRecord(written) && Object.keys(written).length === 1 ? written : {}
  if (typeof given['template'] === 'string') {
    const parsed = parseTemplate(given['template'])
    return parsed.ok ? { parts: parsed.value } : parsed
  }
  const value = textOf(given['value'])
  return value === undefined
    ? { problem: 'needs park, leave-out, { value: … } or { template: … } as its otherwise' }
    : { value }
}

function isProblem(read: unknown): read is Problem {
  return isRecord(read) && 'problem' in read
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'string' && value.trim() !== '' && value.length <= longestText ? value : undefined
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
