/** Applies a mapping to one hire, and says which values the destination would refuse. Pure. */
import { applyMapping, type WholeMapping } from '../mapping/against.ts'
import type { Gap, MappedValue } from '../mapping/evaluate.ts'
import type { Hire } from '../mapping/sources.ts'
import type { Target } from '../mapping/target.ts'

export interface Trial extends Pick<Gap, 'target' | 'source'> {
  readonly title: string
  readonly value: string | undefined
  readonly rule: MappedValue['rule'] | undefined
  /** The value is not personal. */
  readonly organisational: boolean
  /** Why the destination would refuse the value. */
  readonly problem: Problem | undefined
}

export type Problem = Pick<Gap, 'code' | 'reason' | 'near' | 'parks' | 'mend'>

export interface TrialContext {
  /** The present fields of the destination. Undefined: it does not show them, and only those that are declared are checked. */
  readonly fields: readonly Target[] | undefined
  readonly timeZone: string | undefined
}

export function tryMapping(
  whole: WholeMapping,
  hire: Hire,
  { fields, timeZone }: TrialContext,
): readonly Trial[] {
  const { evaluated, against, ...declared } = applyMapping(whole, hire, timeZone)
  const { gaps } = fields === undefined ? declared : against(fields)
  const known = [...(fields ?? []), ...whole.targets]
  const personal = new Set(known.filter((one) => one.personal === true).map(({ id }) => id))
  const ids = [...evaluated.values, ...gaps].map(({ target }) => target)
  return [...new Set(ids)].map((target) => {
    const value = evaluated.values.find((one) => one.target === target)
    const gap = gaps.find((one) => one.target === target)
    return {
      target,
      title: known.find(({ id }) => id === target)?.title ?? target,
      value: value?.value,
      source: value === undefined ? gap?.source : value.source,
      rule: value?.rule,
      organisational: value?.organisational === true && !personal.has(target),
      problem: gap,
    }
  })
}

export interface Difference {
  readonly target: string
  /** Undefined: the field stays empty. */
  readonly before: Trial | undefined
  readonly after: Trial | undefined
}

/** Compares the values for the destination, not their sources. */
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
  /** With every mapped field. */
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
