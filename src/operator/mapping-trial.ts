/** What a mapping makes of one hire, and what the destination would not take of it. Pure. */
import { applyMapping, type WholeMapping } from '../mapping/against.ts'
import type { Gap, MappedValue } from '../mapping/evaluate.ts'
import type { Hire } from '../mapping/sources.ts'
import type { Target } from '../mapping/target.ts'

export interface Trial extends Pick<Gap, 'target' | 'source'> {
  readonly title: string
  readonly value: string | undefined
  readonly rule: MappedValue['rule'] | undefined
  /** The value says nothing of the person. */
  readonly organisational: boolean
  /** Why the destination would not have the value. */
  readonly problem: Problem | undefined
}

export type Problem = Pick<Gap, 'code' | 'reason' | 'near' | 'parks' | 'mend'>

export interface TrialContext {
  /** As the destination has them now. */
  readonly fields: readonly Target[]
  readonly timeZone: string | undefined
}

export function tryMapping(
  whole: WholeMapping,
  hire: Hire,
  { fields, timeZone }: TrialContext,
): readonly Trial[] {
  const { evaluated, against } = applyMapping(whole, hire, timeZone)
  const { gaps } = against(fields)
  const known = [...fields, ...whole.targets]
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
      organisational: value?.organisational ?? false,
      problem: gap,
    }
  })
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
