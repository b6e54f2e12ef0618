/** What a mapping makes of one hire, and what the destination would not take of it. Pure. */
import { checkValues } from '../mapping/check.ts'
import { evaluate, type Gap, type MappedValue } from '../mapping/evaluate.ts'
import type { Mapping } from '../mapping/mapping.ts'
import type { Hire } from '../mapping/sources.ts'
import type { Target } from '../mapping/target.ts'

export interface Trial extends Pick<Gap, 'target' | 'source'> {
  readonly title: string
  readonly value: string | undefined
  readonly rule: MappedValue['rule'] | undefined
  /** The value says nothing of the person. */
  readonly organisational: boolean
  readonly problem: Problem | undefined
}

/** Why the destination would not have the value. */
export interface Problem extends Pick<Gap, 'reason' | 'near'> {
  readonly code: Gap['code'] | 'unknown_field' | 'not_writable'
  /** Whether the run would park; otherwise the field is left out. */
  readonly parks: boolean
}

export interface TrialMapping {
  readonly mapping: Mapping
  readonly defaults: Mapping
  /** As the integration declares them. */
  readonly targets: readonly Target[]
}

export interface TrialContext {
  /** As the destination has them now. */
  readonly fields: readonly Target[]
  readonly timeZone: string | undefined
}

export function tryMapping(
  { mapping, defaults, targets }: TrialMapping,
  hire: Hire,
  { fields, timeZone }: TrialContext,
): readonly Trial[] {
  const evaluated = evaluate(mapping, hire, { timeZone, defaults })
  const live = new Map(fields.map((field) => [field.id, field]))
  // A new record needs what the integration says, even where the destination does not show the field.
  const hidden = targets.filter(({ id, required }) => required && !live.has(id))
  const { gaps } = checkValues(evaluated, [...fields, ...hidden])
  const ids = [...evaluated.values, ...gaps].map(({ target }) => target)
  return [...new Set(ids)].map((target) => {
    const value = evaluated.values.find((one) => one.target === target)
    const gap = gaps.find((one) => one.target === target)
    return {
      target,
      title: (live.get(target) ?? targets.find(({ id }) => id === target))?.title ?? target,
      value: value?.value,
      source: value === undefined ? gap?.source : value.source,
      rule: value?.rule,
      organisational: value?.organisational ?? false,
      problem: gap ?? (value && fieldProblem(live.get(target), value)),
    }
  })
}

function fieldProblem(field: Target | undefined, { parks }: MappedValue): Problem | undefined {
  if (field === undefined) {
    const reason = 'The destination has no such field, or does not show it to these credentials.'
    return { code: 'unknown_field', reason, near: [], parks }
  }
  if (field.writable) return undefined
  return { code: 'not_writable', reason: 'The destination takes no value for this field.', near: [], parks }
}

export interface Difference {
  readonly target: string
  /** Undefined: not filled at all. */
  readonly before: Trial | undefined
  readonly after: Trial | undefined
}

/** Of what the destination would be given; where it comes from may differ. */
export function differences(before: readonly Trial[], after: readonly Trial[]): readonly Difference[] {
  const ids = new Set([...before, ...after].map(({ target }) => target))
  return [...ids]
    .map((target) => ({
      target,
      before: before.find((one) => one.target === target),
      after: after.find((one) => one.target === target),
    }))
    .filter((one) => outcomeOf(one.before) !== outcomeOf(one.after))
}

function outcomeOf(trial: Trial | undefined): string {
  const { value, problem } = trial ?? {}
  return JSON.stringify([value, problem?.code, problem?.parks])
}

export interface TrialCounts {
  readonly hires: number
  /** With every field that is mapped. */
  readonly whole: number
  readonly leaveOut: number
  readonly park: number
}

export function countTrials(hires: readonly (readonly Trial[])[]): TrialCounts {
  const park = hires.filter(wouldPark).length
  const whole = hires.filter((trials) => trials.every(({ problem }) => problem === undefined)).length
  return { hires: hires.length, whole, leaveOut: hires.length - whole - park, park }
}

export function wouldPark(trials: readonly Trial[]): boolean {
  return trials.some(({ problem }) => problem?.parks === true)
}
