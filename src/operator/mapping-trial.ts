/** Applies a mapping to one hire, and says what a run would do with each field, and what the destination would refuse. */
import { applyMapping, type WholeMapping } from '../mapping/against.ts'
import type { CheckedValues, ReadyValue } from '../mapping/check.ts'
import type { Evaluated, Gap, MappedValue } from '../mapping/evaluate.ts'
import type { Hire } from '../mapping/sources.ts'
import type { Target } from '../mapping/target.ts'
import type { FieldOutcome, MappedHire, PersonSearch } from '../sdk/mapped.ts'
import { byTarget } from '../worker/open-mapping.ts'

/** `empty`: Pinpoint has no value, and the run goes on without one. `left_out`: a problem keeps it from being sent. */
export type TrialState = 'sent' | 'empty' | 'left_out' | 'parks'

export interface Trial extends Pick<Gap, 'target' | 'source'> {
  readonly title: string
  readonly state: TrialState
  /** As it is sent; where it is not sent, as the mapping makes it. */
  readonly value: string | undefined
  readonly rule: MappedValue['rule'] | undefined
  /** The value says nothing of the person, or stands in the mapping itself. */
  readonly open: boolean
  /** Of a person whom the destination has to have. */
  readonly person: PersonSearch | undefined
  /** Why it is not sent. */
  readonly problem: Problem | undefined
}

export type Problem = Pick<Gap, 'code' | 'reason' | 'near' | 'parks' | 'mend'>

export interface TrialContext {
  /** The present fields of the destination. Undefined: it does not show them, and only those that are declared are checked. */
  readonly fields: readonly Target[] | undefined
  readonly timeZone: string | undefined
  /** What the integration says beyond that. */
  readonly outcomes?: ReadOutcomes | undefined
}

export type ReadOutcomes = (mapped: MappedHire, fields: readonly Target[]) => Promise<readonly FieldOutcome[]>

export async function tryMapping(
  whole: WholeMapping,
  hire: Hire,
  { fields, timeZone, outcomes }: TrialContext,
): Promise<readonly Trial[]> {
  const { evaluated, against, ...declared } = applyMapping(whole, hire, timeZone)
  const checked = fields === undefined ? declared : against(fields)
  const told = (await outcomes?.(byTarget(checked), fields ?? whole.targets)) ?? []
  const known = [...(fields ?? []), ...whole.targets]
  const ids = [...evaluated.values, ...checked.gaps, ...told].map(({ target }) => target)
  return [...new Set(ids)].map((target) => trialOf(target, { evaluated, checked, told, known }))
}

interface Tried {
  readonly evaluated: Evaluated
  readonly checked: CheckedValues
  readonly told: readonly FieldOutcome[]
  readonly known: readonly Target[]
}

function trialOf(target: string, { evaluated, checked, told, known }: Tried): Trial {
  const isIt = (one: { readonly target: string }) => one.target === target
  const made = evaluated.values.find(isIt)
  const ready = checked.values.find(isIt)
  const gap = checked.gaps.find(isIt)
  const outcome = told.find(isIt)
  const fields = known.filter(({ id }) => id === target)
  return {
    target,
    title: fields[0]?.title ?? target,
    state: outcome?.problem === undefined ? stateOf(gap) : notSent(outcome.problem),
    value: ready === undefined ? made?.value : sentValue(ready),
    source: made === undefined ? gap?.source : made.source,
    rule: made?.rule,
    open: made !== undefined && isOpen(made, fields),
    person: outcome?.person,
    problem: outcome?.problem ?? gap,
  }
}

function stateOf(gap: Gap | undefined): TrialState {
  if (gap === undefined) return 'sent'
  return gap.code === 'no_value' && !gap.parks ? 'empty' : notSent(gap)
}

function notSent({ parks }: Gap): TrialState {
  return parks ? 'parks' : 'left_out'
}

/** In the spelling of the destination. */
function sentValue({ value, choice, choices }: ReadyValue): string {
  return choices?.map(({ name }) => name).join(', ') ?? choice?.name ?? value
}

/** What a person has written into the mapping is theirs to see, but for an amount. */
function isOpen({ rule, organisational }: MappedValue, fields: readonly Target[]): boolean {
  if (rule === 'constant' || rule === 'otherwise') return fields.every(({ type }) => type !== 'money')
  return organisational && fields.every(({ personal }) => personal !== true)
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
  const { value, state, problem } = trial ?? {}
  return JSON.stringify([value, state, problem?.code])
}
