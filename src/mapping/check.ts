/** What a destination would take of the mapped values, before anything is sent: all gaps at once. Pure. */
import { quoted } from '../base/plain-text.ts'
import { calendarDay } from './dates.ts'
import { type Evaluated, type Gap, gapOf, type MappedValue } from './evaluate.ts'
import { nearest } from './near.ts'
import { sameText } from './same-text.ts'
import type { Choice, Target } from './target.ts'

/** As the destination takes it. */
export interface ReadyValue extends MappedValue {
  /** Of a choice, as the destination names it. */
  readonly choice: Choice | undefined
}

export interface CheckedValues {
  readonly values: readonly ReadyValue[]
  readonly gaps: readonly Gap[]
}

/** Required targets park, and others only where the mapping says so. Targets that are not declared are passed on. */
export function checkValues({ values, gaps }: Evaluated, targets: readonly Target[]): CheckedValues {
  const declared = new Map(targets.map((target) => [target.id, target]))
  const ready: ReadyValue[] = []
  const found: Gap[] = [...gaps]
  for (const value of values) {
    const target = declared.get(value.target)
    const result = target === undefined ? { ...value, choice: undefined } : fit(value, target)
    if ('value' in result) ready.push(result)
    else found.push({ ...result, parks: value.parks })
  }
  const missing = targets.filter(
    ({ id, required }) =>
      required && !values.some(({ target }) => target === id) && !gaps.some(({ target }) => target === id),
  )
  found.push(
    ...missing.map(({ id }) =>
      gapOf(id, undefined, { code: 'no_value', reason: 'It is required and not mapped.' }),
    ),
  )
  return {
    values: ready,
    gaps: found.map((gap) => (declared.get(gap.target)?.required === true ? { ...gap, parks: true } : gap)),
  }
}

function fit(value: MappedValue, target: Target): ReadyValue | Gap {
  const told = (text: string) => ({ ...value, value: text, choice: undefined })
  const not = (code: Gap['code'], what: string) =>
    gapOf(target.id, value.source, {
      code,
      reason: `The value of ${value.source ?? 'the mapping'} is not ${what}.`,
    })
  switch (target.type) {
    case 'date': {
      const day = calendarDay(value.value)
      return day === undefined ? not('not_a_date', 'a day that exists') : told(day)
    }
    case 'number':
    case 'money':
      return /^-?\d{1,15}(\.\d{1,6})?$/.test(value.value)
        ? told(value.value)
        : not('not_a_number', 'a number')
    case 'boolean': {
      const yes = ['true', 'yes', '1'].includes(value.value.toLowerCase())
      const no = ['false', 'no', '0'].includes(value.value.toLowerCase())
      return yes || no ? told(String(yes)) : not('not_a_boolean', 'true or false')
    }
    case 'choice':
      return target.choices === undefined ? told(value.value) : choose(value, target.choices)
    case 'person':
    case 'text':
    case 'address_part':
      return fitText(value, target)
  }
}

function fitText(value: MappedValue, target: Target): ReadyValue | Gap {
  const { maxLength = Infinity } = target
  const source = value.source ?? 'the mapping'
  if (isEmailField(target) && !isEmail(value.value)) {
    return gapOf(target.id, value.source, {
      code: 'not_an_email',
      reason: `The value of ${source} is not an e-mail address.`,
    })
  }
  if (Array.from(value.value).length > maxLength) {
    return gapOf(target.id, value.source, {
      code: 'too_long',
      reason: `The value of ${source} is longer than ${maxLength} characters.`,
    })
  }
  return { ...value, choice: undefined }
}

function isEmailField({ id }: Target): boolean {
  return /e-?mail$/i.test(id)
}

/** One at sign, something on both sides, no spaces. Whether it exists is not for us to say. */
export function isEmail(text: string): boolean {
  return text.length <= 254 && /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(text)
}

/** By id, else by name. Of a tree only the leaves can be chosen; what is archived is not there. */
function choose(value: MappedValue, choices: readonly Choice[]): ReadyValue | Gap {
  const leaves = leavesOf(choices)
  const byId = leaves.find(({ choice }) => choice.id === value.value)
  const exact = byId === undefined ? leaves.filter(({ choice }) => choice.name === value.value) : [byId]
  const folded = exact.length > 0 ? exact : leaves.filter(({ choice }) => sameText(choice.name, value.value))
  const [only, ...others] = folded
  if (only !== undefined && others.length === 0) return { ...value, choice: only.choice }
  const what = value.organisational ? `The value ${quoted(value.value)}` : 'The value'
  const of = value.source === undefined ? '' : ` of ${value.source}`
  if (only !== undefined) {
    const paths = value.organisational ? folded.slice(0, 3).map(({ path }) => path) : []
    const reason = `${what}${of} is several values of the list: name one by its id.`
    return gapOf(value.target, value.source, { code: 'ambiguous_choice', reason, near: paths })
  }
  const near = value.organisational
    ? nearest(
        value.value,
        leaves.map(({ choice }) => choice.name),
      )
    : []
  const guess = near.length === 0 ? '' : ` Did you mean ${near.map(quoted).join(', or ')}?`
  const reason = `${what}${of} is not in the list of the destination.${guess}`
  return gapOf(value.target, value.source, { code: 'not_a_choice', reason, near })
}

interface Leaf {
  readonly choice: Choice
  /** `Europe / Sales` */
  readonly path: string
}

function leavesOf(choices: readonly Choice[], above = ''): readonly Leaf[] {
  return choices.flatMap((choice) => {
    if (choice.archived) return []
    const path = above === '' ? choice.name : `${above} / ${choice.name}`
    return choice.children.length === 0 ? [{ choice, path }] : leavesOf(choice.children, path)
  })
}
