/** What trials of many hires come to: fields that are empty in Pinpoint apart from those that a problem keeps from being sent. Pure. */
import type { Problem, Trial } from './mapping-trial.ts'

export interface TrialCounts {
  readonly hires: number
  /** With every mapped field that Pinpoint has a value for. */
  readonly whole: number
  readonly leaveOut: number
  readonly park: number
  readonly fields: FieldCounts
  readonly problems: readonly CountedProblem[]
}

export interface FieldCounts {
  readonly sent: number
  /** Without a value in Pinpoint, and welcome to be so. */
  readonly empty: number
  readonly leftOut: number
  readonly parks: number
}

/** One kind of problem of one field, and how many hires have it. */
export interface CountedProblem extends Pick<Problem, 'code' | 'parks'> {
  readonly target: string
  readonly hires: number
}

export function countTrials(hires: readonly (readonly Trial[])[]): TrialCounts {
  const park = hires.filter(wouldPark).length
  const whole = hires.filter((trials) => !trials.some(isProblem)).length
  return {
    ...{ hires: hires.length, whole, leaveOut: hires.length - whole - park, park },
    ...countFields(hires),
  }
}

export function countFields(hires: readonly (readonly Trial[])[]): Pick<TrialCounts, 'fields' | 'problems'> {
  const all = hires.flat()
  const count = (state: Trial['state']) => all.filter((one) => one.state === state).length
  return {
    fields: {
      ...{ sent: count('sent'), empty: count('empty') },
      ...{ leftOut: count('left_out'), parks: count('parks') },
    },
    problems: problemsOf(all),
  }
}

/** What parks comes first, then what most hires have. */
function problemsOf(all: readonly Trial[]): readonly CountedProblem[] {
  const found = all.flatMap((one) =>
    isProblem(one) && one.problem !== undefined
      ? [{ target: one.target, code: one.problem.code, parks: one.state === 'parks' }]
      : [],
  )
  const alike = Map.groupBy(found, ({ target, code, parks }) => `${target} ${code} ${parks}`)
  return [...alike.values()]
    .flatMap((group) => (group[0] === undefined ? [] : [{ ...group[0], hires: group.length }]))
    .toSorted((one, other) => Number(other.parks) - Number(one.parks) || other.hires - one.hires)
}

function isProblem({ state }: Trial): boolean {
  return state === 'left_out' || state === 'parks'
}

export function wouldPark(trials: readonly Trial[]): boolean {
  return trials.some(({ state }) => state === 'parks')
}
