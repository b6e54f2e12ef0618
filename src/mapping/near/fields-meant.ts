/** Which field is meant by an id that a destination does not have: `root.lastName` is `root.surname`, which people know as "last name". Pure. */
import { foldedWords } from '../../base/plain-text.ts'
import { folded, nearest } from '../same-text.ts'
import { distanceWithin } from './distance.ts'

export interface NamedField {
  readonly id: string
  /** As people call it. */
  readonly title?: string
}

const most = 3
const mostSlips = 2

/**
 * Sure enough to take the id for a misspelling: the same but for a slip or two, the same name in another place, and what is called so in the
 * same place; of these also what has the name in its own, as `home.mobilePhone` has that of `home.phone`.
 */
export function likelyMeant(wanted: string, fields: readonly NamedField[]): readonly string[] {
  const last = lastPart(wanted)
  const ids = fields.map(({ id }) => id)
  const spelled = folded(wanted)
  const slips = ids
    .map((id) => ({ id, distance: distanceWithin(spelled, folded(id), mostSlips) }))
    .filter(({ distance }) => distance <= mostSlips)
    .toSorted((one, other) => one.distance - other.distance)
    .map(({ id }) => id)
  const called = idsCalled(
    wanted,
    fields.filter(({ id }) => isBeside(id, wanted)),
  )
  const elsewhere = ids.filter((id) => lastPart(id) === last)
  const inside =
    elsewhere.length === 0 ? [] : ids.filter((id) => isBeside(id, wanted) && lastPart(id).includes(last))
  return first([...slips, ...called, ...inside, ...elsewhere])
}

/** Of a field that is not there at all, where no guess is too far. */
export function nearFields(wanted: string, fields: readonly NamedField[]): readonly string[] {
  const likely = likelyMeant(wanted, fields)
  if (likely.length > 0) return likely
  const called = idsCalled(wanted, fields)
  const ids = fields.map(({ id }) => id)
  return first([...called, ...nearest(wanted, ids)])
}

function first(ids: readonly string[]): readonly string[] {
  return [...new Set(ids)].slice(0, most)
}

const lastPart = (id: string) => folded(id).split('.').at(-1) ?? ''
const isBeside = (one: string, other: string) => folded(one).split('.')[0] === folded(other).split('.')[0]

/** Whose title says what the last part of the id says. */
function idsCalled(wanted: string, fields: readonly NamedField[]): readonly string[] {
  const name = wanted.split('.').at(-1) ?? ''
  const words = foldedWords(name.replace(/(\p{Ll}|\p{N})(?=\p{Lu})/gu, '$1 '))
  if (words.length === 0) return []
  return fields.filter(({ title }) => title !== undefined && says(title, words)).map(({ id }) => id)
}

/** One of "Zip/Post/Postal code" as a whole, or two words of it: one may be anything. */
function says(title: string, words: readonly string[]): boolean {
  const all = foldedWords(title)
  const alternatives = title.split('/').map((one) => foldedWords(one).join(''))
  return (
    alternatives.includes(words.join('')) || (words.length > 1 && words.every((word) => all.includes(word)))
  )
}
