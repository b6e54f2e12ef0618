/** What a destination would take of the mapped values, before anything is sent: all gaps at once. Pure. */
import { quoted } from '../base/plain-text.ts'
import { calendarDay } from './dates.ts'
import { type Evaluated, type Gap, gapOf, type MappedValue } from './evaluate.ts'
import { likelyMeant } from './near/fields-meant.ts'
import { listOf, withAnd } from './near/list-items.ts'
import { folded, nearestOf } from './same-text.ts'
import type { Choice, Target } from './target.ts'

/** As the destination takes it. */
export interface ReadyValue extends MappedValue {
  /** Of a choice, as the destination names it. */
  readonly choice: Choice | undefined
  /** Of a field that takes several, all of them. */
  readonly choices?: readonly Choice[]
}

export interface CheckedValues {
  readonly values: readonly ReadyValue[]
  readonly gaps: readonly Gap[]
}

/** `all`: there are no other targets than these. Otherwise what is not declared is passed on. */
interface Declared {
  readonly all?: boolean
}

/** Required targets park, and others only where the mapping says so. */
export function checkValues(
  { values, gaps }: Evaluated,
  targets: readonly Target[],
  { all = false }: Declared = {},
): CheckedValues {
  const declared = new Map(targets.map((target) => [target.id, target]))
  const ready: ReadyValue[] = []
  const found = gaps.map((gap) => (declared.get(gap.target)?.personal === true ? untold(gap) : gap))
  for (const value of values) {
    const target = declared.get(value.target)
    const misplaced = all ? misplacedIn(target, value, targets) : undefined
    const result =
      misplaced ??
      (target === undefined ? { ...value, choice: undefined } : fit(toldOf(value, target), target))
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

function toldOf(value: MappedValue, { personal }: Target): MappedValue {
  return personal === true ? { ...value, organisational: false } : value
}

/** A table of values that does not have the value quotes it. */
function untold(gap: Gap): Gap {
  if (gap.code !== 'not_in_values') return gap
  const reason = `The values of the mapping do not have the value of ${gap.source ?? 'its source'}.`
  const { target, source, code, parks, rule } = gap
  return { target, source, code, parks, reason, near: [], ...(rule !== undefined && { rule }) }
}

function misplacedIn(
  field: Target | undefined,
  { target, source }: MappedValue,
  fields: readonly Target[],
): Gap | undefined {
  if (field === undefined) {
    const near = likelyMeant(
      target,
      fields.filter(({ writable }) => writable),
    )
    const meant = near.length === 0 ? '' : ` Did you mean ${near.join(', or ')}?`
    const reason = `The destination has no such field, or does not show it to these credentials.${meant}`
    return gapOf(target, source, { code: 'unknown_field', reason, near })
  }
  if (field.writable) return undefined
  const reason = 'The destination takes no value for this field.'
  return gapOf(target, source, { code: 'not_writable', reason })
}

function fit(value: MappedValue, target: Target): ReadyValue | Gap {
  const told = (text: string) => ({ ...value, value: text, choice: undefined })
  const not = (code: Gap['code'], what: string) =>
    unfit(value, { code, reason: `${sayingOf(value)} is not ${what}.` })
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
      return target.choices === undefined
        ? told(value.value)
        : target.multiple === true
          ? chooseSeveral(value, target.choices)
          : choose(value, target.choices)
    case 'person':
    case 'text':
    case 'address_part':
      return fitText(value, target)
  }
}

/** A template may use several sources, and its own text as well. */
function sayingOf({ rule, source }: MappedValue): string {
  return rule === 'template' ? 'What the template makes' : `The value of ${source ?? 'the mapping'}`
}

/** With what a line that mends it has to name. */
function unfit(
  { target, source, rule, value, original = value, organisational }: MappedValue,
  gap: Pick<Gap, 'code' | 'reason' | 'near' | 'best'> | Pick<Gap, 'code' | 'reason'>,
): Gap {
  const { best, near } = 'near' in gap ? gap : { best: undefined, near: [] }
  const isOfSource = rule === 'source' || rule === 'values'
  const key = isOfSource && organisational ? original : undefined
  return { ...gapOf(target, source, { ...gap, near }), rule, key, best }
}

function fitText(value: MappedValue, target: Target): ReadyValue | Gap {
  const { maxLength = Infinity } = target
  if ((isEmailField(target) || value.find !== undefined) && !isEmail(value.value)) {
    return unfit(value, {
      code: 'not_an_email',
      reason: `${sayingOf(value)} is not an e-mail address.`,
    })
  }
  if (Array.from(value.value).length > maxLength) {
    return unfit(value, {
      code: 'too_long',
      reason: `${sayingOf(value)} is longer than ${maxLength} characters.`,
    })
  }
  return { ...value, choice: undefined }
}

function isEmailField({ id }: Target): boolean {
  return /e-?mail$/i.test(id)
}

/** One at sign, something on both sides, no spaces, nothing that stands around addresses. Whether it exists is not for us to say. */
export function isEmail(text: string): boolean {
  return (
    text.length <= 254 && /^[^\s@<>()[\]:;,\\"]+@[^\s@.<>()[\]:;,\\"]+(\.[^\s@.<>()[\]:;,\\"]+)+$/.test(text)
  )
}

/** By id, else by name. Of a tree only the leaves can be chosen; what is archived is not there. */
function choose(value: MappedValue, choices: readonly Choice[]): ReadyValue | Gap {
  const { leaves, comparables } = listOf(choices)
  const byId = leaves.find(({ choice }) => choice.id === value.value)
  const exact = byId === undefined ? leaves.filter(({ choice }) => choice.name === value.value) : [byId]
  const wanted = folded(value.value)
  const alike = exact.length > 0 ? exact : leaves.filter((leaf) => leaf.folded === wanted)
  const [only, ...others] = alike
  if (only !== undefined && others.length === 0) return { ...value, choice: only.choice }
  const what = value.organisational ? `The value ${quoted(value.value)}` : 'The value'
  const of = value.source === undefined ? '' : ` of ${value.source}`
  if (only !== undefined) {
    const paths = value.organisational ? alike.slice(0, 3).map(({ path }) => path) : []
    const among = paths.length === 0 ? '' : ` (${paths.map(quoted).join(', ')})`
    const reason = `${what}${of} is several values of the list${among}: name one by its id.`
    const best = value.organisational ? only.choice.id : undefined
    return unfit(value, { code: 'ambiguous_choice', reason, near: paths, best })
  }
  const near = value.organisational ? nearestOf(value.value, comparables()) : []
  const guess = near.length === 0 ? '' : ` Did you mean ${near.map(quoted).join(', or ')}?`
  const reason = `${what}${of} is not in the list of the destination.${guess}`
  return unfit(value, { code: 'not_a_choice', reason, near, best: near[0] })
}

/** One that is called so as a whole, or several: `A, B`, and as Pinpoint writes what was chosen, `A, B, and C` or `A and B`. */
function chooseSeveral(value: MappedValue, choices: readonly Choice[]): ReadyValue | Gap {
  const chooseOne = (text: string) => choose({ ...value, value: text }, choices)
  const isOne = (text: string) => 'value' in chooseOne(text)
  const whole = chooseOne(value.value)
  const parts = value.value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  if ('value' in whole) return several(whole)
  const last = parts.pop() ?? ''
  const all = [
    ...parts,
    ...(isOne(last) ? [last] : (withAnd(last).find((some) => some.every(isOne)) ?? [last])),
  ]
  if (all.length < 2) return several(whole)
  const chosen = all.map(chooseOne)
  const gap = chosen.find((one) => !('value' in one))
  if (gap !== undefined && !('value' in gap)) return gap
  const found = chosen.flatMap((one) => ('value' in one && one.choice !== undefined ? [one.choice] : []))
  return { ...value, choice: found[0], choices: found }
}

function several(found: ReadyValue | Gap): ReadyValue | Gap {
  if (!('value' in found) || found.choice === undefined) return found
  return { ...found, choices: [found.choice] }
}
