/** Optional values of a new employee in the form that HiBob expects: text, number, boolean, or a list item by its name or id. */
import { type Choice, type Json, type ReadyValue, sameText } from '../../sdk/index.ts'
import { fieldsBelow, fieldsMeant } from './field-names.ts'
import type { BobField } from './fields.ts'
import { fieldIds } from './new-hire.ts'

export interface MoreValue {
  readonly json: Json
  /** The ids of list items, in case HiBob refuses their names. */
  readonly byId: Json | undefined
  /** True for items of a list. */
  readonly listed: boolean
  /** As HiBob calls it. */
  readonly title: string
  /** By which HiBob grants permissions. */
  readonly category: string
  /** The texts by which HiBob may show each item: its name and its id. */
  readonly shownAs: readonly (readonly string[])[]
}

/** HiBob's id of a field → its value. */
export type MoreValues = Readonly<Record<string, MoreValue>>

/** `field`: as HiBob describes it, or as every HiBob has it. Undefined: neither is known, and the value goes as text. */
export function moreValue(ready: ReadyValue, field: BobField | undefined): MoreValue {
  const [category = ready.target] = ready.target.split('.')
  const { title = 'custom field', group = category } = field ?? {}
  const { shownAs, ...value } = jsonOf(ready, field)
  const shown = shownAs ?? [value.json].flat().map((one) => [text(one)])
  return { ...value, shownAs: shown, title, category: group }
}

const text = (one: Json) => (typeof one === 'string' ? one : JSON.stringify(one))

function jsonOf(
  { value, choice, choices }: ReadyValue,
  field: BobField | undefined,
): Pick<MoreValue, 'json' | 'byId' | 'listed'> & Partial<Pick<MoreValue, 'shownAs'>> {
  if (field?.type === 'number') return { json: Number(value), byId: undefined, listed: false }
  if (field?.type === 'boolean') return { json: value === 'true', byId: undefined, listed: false }
  const chosen = choices ?? (choice === undefined ? [] : [choice])
  const isMany = field?.multiple === true
  const shownAs = chosen.map(({ id, name }) => (id === undefined ? [name] : [name, id]))
  if (field?.idsOnly === true) {
    const json = numberOf(chosen[0]?.id ?? value)
    return { json, byId: undefined, listed: true, ...(shownAs.length > 0 && { shownAs }) }
  }
  if (chosen.length === 0)
    return { json: isMany ? severalOf(value) : value, byId: undefined, listed: field?.type === 'choice' }
  const [names, ids] = [chosen.map(({ name }) => name), chosen.map(idOf)]
  const whole = (all: readonly string[]): Json => (isMany ? all : (all[0] ?? value))
  const goesById = chosen.some((one) => isNameShared(one, field?.choices))
  const isSame = goesById || names.join('\n') === ids.join('\n')
  return { json: whole(goesById ? ids : names), byId: isSame ? undefined : whole(ids), listed: true, shownAs }
}

/** True if another item has the same name, so that only the id identifies it. */
export function isNameShared({ name }: Pick<Choice, 'name'>, choices: readonly Choice[] = []): boolean {
  return countCalled(name, choices) > 1
}

function countCalled(name: string, choices: readonly Choice[]): number {
  const counts = choices.map((one) => {
    if (one.archived) return 0
    if (one.children.length > 0) return countCalled(name, one.children)
    return sameText(one.name, name) ? 1 : 0
  })
  return counts.reduce((sum, count) => sum + count, 0)
}

/** Of a list that HiBob does not show. */
const severalOf = (text: string): Json =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

/** Stays a text if it has more digits than a number can hold. */
const numberOf = (id: string): Json => (/^\d{1,15}$/.test(id) ? Number(id) : id)

const idOf = ({ id, name }: Choice) => id ?? name

export function jsonValues(more: MoreValues): Readonly<Record<string, Json>> {
  return Object.fromEntries(Object.entries(more).map(([id, { json }]) => [id, json]))
}

/** Those that HiBob names, in whatever spelling. */
export function namedIn(more: MoreValues, fields: readonly string[]): readonly string[] {
  const ids = new Set([...Object.keys(more), ...usualIds])
  const named = fields.flatMap((field) => {
    const meant = fieldsMeant(field, [...ids])
    return meant.length > 0 ? meant : fieldsBelow(field, [...ids])
  })
  return [...new Set(named)].filter((id) => id in more)
}
const usualIds = Object.values(fieldIds)

export function without(more: MoreValues, ids: readonly string[]): MoreValues {
  return Object.fromEntries(Object.entries(more).filter(([id]) => !ids.includes(id)))
}

/** Undefined: no value was sent by its name. */
export function allById(more: MoreValues): MoreValues | undefined {
  const all = Object.entries(more)
  if (all.every(([, { byId }]) => byId === undefined)) return undefined
  return Object.fromEntries(
    all.map(([id, value]) => [id, { ...value, json: value.byId ?? value.json, byId: undefined }]),
  )
}
