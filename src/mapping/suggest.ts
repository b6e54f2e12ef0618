/** Tables of values for a person to confirm: what open jobs have, against the lists that the destination has now. Pure. */
import { foldedWords } from '../base/plain-text.ts'
import type { Job } from '../pinpoint/hired-application.ts'
import { checkValues } from './check.ts'
import { evaluate, type EvaluationContext, type MappedValue } from './evaluate.ts'
import { ownDefault } from './expression.ts'
import type { Mapping, Rule } from './mapping.ts'
import { hireOn } from './of-job.ts'
import { sameText } from './same-text.ts'
import type { Target } from './target.ts'

export interface Suggestion extends Pick<Target, 'id' | 'title'> {
  /** How many different values need no entry. */
  readonly known: number
  /** To be written into the table of values. */
  readonly entries: readonly Entry[]
  /** What a person has to decide. */
  readonly open: readonly Undecided[]
  /** The destination does not show the list. */
  readonly hidden: boolean
}

interface OfJobs {
  /** As the jobs have it. */
  readonly value: string
  readonly jobs: number
}

export interface Entry extends OfJobs {
  readonly choice: string
  /** `near`: it is a guess. */
  readonly why: 'equal' | 'near'
  readonly others: readonly string[]
}

export interface Undecided extends OfJobs {
  /** Where the list has the name several times: under which headings. */
  readonly headings: readonly string[]
}

interface Mapped {
  readonly mapping: Mapping
  readonly defaults: Mapping
}

type FromRule = Rule & { readonly kind: 'from' }

/** Of each field that is chosen from a list and mapped from sources. */
export function suggest(
  mapped: Mapped,
  jobs: readonly Job[],
  fields: readonly Target[],
): readonly Suggestion[] {
  return fields.flatMap((field) => {
    const rule = field.type === 'choice' && field.writable ? ruleOf(field.id, mapped) : undefined
    return rule === undefined ? [] : [suggestFor(field, rule, valuesOf(field, rule, jobs))]
  })
}

/** A table of values holds for the sources that are named, and not for `default`. */
function ruleOf(target: string, { mapping, defaults }: Mapped): FromRule | undefined {
  const rule = isDefault(mapping.get(target)) ? defaults.get(target) : mapping.get(target)
  if (rule?.kind !== 'from') return undefined
  const from = rule.from.filter(({ source }) => source !== ownDefault)
  return from.length === 0 ? undefined : { ...rule, from }
}

export function isDefault(rule: Rule | undefined): boolean {
  return (
    rule === undefined || (rule.kind === 'from' && rule.from.every(({ source }) => source === ownDefault))
  )
}

interface Found {
  readonly value: MappedValue
  readonly jobs: number
}

/** Before any table, each only once. */
function valuesOf({ id }: Target, rule: FromRule, jobs: readonly Job[]): readonly Found[] {
  const plain: Mapping = new Map([[id, { ...rule, values: undefined, otherwise: undefined }]])
  const context: EvaluationContext = {}
  const all = jobs.flatMap((job) => evaluate(plain, { application: hireOn(job) }, context).values)
  return [...Map.groupBy(all, ({ value }) => value).values()].flatMap((group) =>
    group[0] === undefined ? [] : [{ value: group[0], jobs: group.length }],
  )
}

function suggestFor(
  field: Target,
  { values = [], otherwise }: FromRule,
  found: readonly Found[],
): Suggestion {
  const judged = found.map(({ value: mapped, jobs }) => {
    const entry = values.find(([from]) => sameText(from, mapped.value))
    const value = entry?.[0] ?? mapped.value
    return { ...judge(field, { ...mapped, value: entry?.[1] ?? mapped.value }), value, jobs, entry }
  })
  const entries = judged.flatMap(({ value, jobs, near: [choice, ...others] }) =>
    choice === undefined ? [] : [{ value, choice, why: whyOf(value, choice), others, jobs }],
  )
  // With `otherwise`, what the table does not have counts as none: so it has to have what is spelled alike, too.
  const tabled = otherwise !== undefined && values.length + entries.length > 0
  const equal = judged.flatMap(({ value, jobs, known, entry }) =>
    tabled && known !== undefined && entry === undefined
      ? [{ value, choice: known, why: 'equal' as const, others: [], jobs }]
      : [],
  )
  return {
    id: field.id,
    title: field.title,
    hidden: field.choices === undefined,
    known: judged.filter(({ known }) => known !== undefined).length - equal.length,
    entries: [...entries, ...equal],
    open: judged
      .filter(({ known, near }) => known === undefined && near.length === 0)
      .map(({ value, jobs, headings }) => ({ value, jobs, headings })),
  }
}

function judge(field: Target, value: MappedValue) {
  const { values, gaps } = checkValues({ values: [value], gaps: [] }, [field])
  const gap = gaps.find(({ source }) => source === value.source)
  const ready = values[0]
  const known = ready && (ready.choice?.name ?? ready.value)
  const ambiguous = gap?.code === 'ambiguous_choice'
  return {
    known,
    near: ambiguous ? [] : (gap?.near ?? []),
    headings: ambiguous ? gap.near : [],
  }
}

function whyOf(value: string, choice: string): Entry['why'] {
  return foldedWords(value).join(' ') === foldedWords(choice).join(' ') ? 'equal' : 'near'
}
