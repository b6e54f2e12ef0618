/**
 * Tables of values for a person to confirm: what open jobs and recent offers have, against the lists that the destination has now.
 * Pure.
 */
import { foldedWords } from '../base/plain-text.ts'
import type { HiredApplication, Job, Offer } from '../pinpoint/hired-application.ts'
import type { Detail } from '../pinpoint/read-hire.ts'
import { checkValues } from './check.ts'
import { evaluate, type MappedValue } from './evaluate.ts'
import { ownDefault } from './expression.ts'
import { detailsOf, type Mapping, type Rule } from './mapping.ts'
import { hireOn } from './of-job.ts'
import { entryOf } from './same-text.ts'
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

/** How many open jobs have it, and how many recent hires have it on their offer. */
export interface Counts {
  readonly jobs: number
  readonly hires: number
}

interface Counted extends Counts {
  /** As Pinpoint has it. */
  readonly value: string
}

export interface Entry extends Counted {
  readonly choice: string
  /** `near`: it is a guess. */
  readonly why: 'equal' | 'near'
  readonly others: readonly string[]
}

export interface Undecided extends Counted {
  /** Where the list has the name several times: under which headings. */
  readonly headings: readonly string[]
}

interface Mapped {
  readonly mapping: Mapping
  readonly defaults: Mapping
}

export interface SeenInPinpoint {
  readonly jobs: readonly Job[]
  /** Of each recent hire. */
  readonly offers: readonly (readonly Offer[])[]
}

type FromRule = Rule & { readonly kind: 'from' }

/** Of each field that is chosen from a list and mapped from sources. */
export function suggest(
  mapped: Mapped,
  seen: SeenInPinpoint,
  fields: readonly Target[],
): readonly Suggestion[] {
  return rulesOf(mapped, fields).map(({ field, rule }) =>
    suggestFor(field, rule, valuesOf(field, rule, seen)),
  )
}

function rulesOf(mapped: Mapped, fields: readonly Target[]) {
  return fields.flatMap((field) => {
    const rule = field.type === 'choice' && field.writable ? ruleOf(field.id, mapped) : undefined
    return rule === undefined ? [] : [{ field, rule }]
  })
}

/** What jobs and hires have to be read with. */
export interface Needs {
  readonly ofJobs: readonly Detail[]
  /** Whether offers decide a field. */
  readonly offers: boolean
}

export function needsOf(mapped: Mapped, fields: readonly Target[]): Needs {
  const rules = rulesOf(mapped, fields)
  const sources = detailsOf(new Map(rules.map(({ field, rule }) => [field.id, rule])))
  return {
    // Divisions are named even where no field takes them.
    ofJobs: [...new Set<Detail>(['division', ...sources])],
    offers: rules.some(({ rule }) => ofOffer(rule).length > 0),
  }
}

/** Divisions that no field is mapped from: a person says which one takes them. */
export function unusedDivisions(
  mapped: Mapped,
  { jobs }: Pick<SeenInPinpoint, 'jobs'>,
  fields: readonly Target[],
): readonly string[] {
  const isUsed = rulesOf(mapped, fields).some(({ rule }) =>
    rule.from.some(({ source }) => source === 'job.division'),
  )
  return isUsed ? [] : [...new Set(jobs.flatMap(({ division }) => division ?? []))].toSorted()
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

interface Found extends Counts {
  readonly value: MappedValue
}

/** Before any table, each only once. */
function valuesOf({ id }: Target, rule: FromRule, { jobs, offers }: SeenInPinpoint): readonly Found[] {
  const read = (from: FromRule['from'], application: HiredApplication) => {
    const plain: Mapping = new Map([[id, { ...rule, from, values: undefined, otherwise: undefined }]])
    return evaluate(plain, { application }).values
  }
  const ofJobs = jobs.flatMap((job) => read(rule.from, hireOn(job)))
  const ofHires = offers.flatMap((own) => read(ofOffer(rule), { ...hireOn(noJob), offers: own }))
  const counts = Map.groupBy([...ofJobs, ...ofHires], ({ value }) => value)
  return [...counts.values()].flatMap((group) => {
    const [value] = group
    const hires = group.filter((one) => ofHires.includes(one)).length
    return value === undefined ? [] : [{ value, hires, jobs: group.length - hires }]
  })
}

/** Where the job comes first, it has always a value, and the offer never counts. */
function ofOffer({ from }: FromRule): FromRule['from'] {
  const first = from.findIndex(({ source }) => source.startsWith('job.'))
  const before = first === -1 ? from : from.slice(0, first)
  return before.filter(({ source }) => source === 'offer.jobTitle')
}

const noJob: Job = {
  ...{ id: '', title: undefined, visibility: undefined, location: undefined, department: undefined },
}

function suggestFor(
  field: Target,
  { values = [], otherwise }: FromRule,
  found: readonly Found[],
): Suggestion {
  const judged = found.map(({ value: mapped, jobs, hires }) => {
    const entry = entryOf(values, mapped.value)
    const value = entry?.[0] ?? mapped.value
    return { ...judge(field, { ...mapped, value: entry?.[1] ?? mapped.value }), value, jobs, hires, entry }
  })
  const entries = judged.flatMap(({ value, jobs, hires, near: [choice, ...others] }) =>
    choice === undefined ? [] : [{ value, choice, why: whyOf(value, choice), others, jobs, hires }],
  )
  // With `otherwise`, what the table does not have counts as none: so it has to have what is spelled alike, too.
  const tabled = otherwise !== undefined && values.length + entries.length > 0
  const equal = judged.flatMap(({ value, jobs, hires, known, entry }) =>
    tabled && known !== undefined && entry === undefined
      ? [{ value, choice: known, why: 'equal' as const, others: [], jobs, hires }]
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
      .map(({ value, jobs, hires, headings }) => ({ value, jobs, hires, headings })),
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
