/** The items of a destination's list as they are compared, and a sentence that names several of them. */
import { type Comparable, comparable, folded } from '../same-text.ts'
import type { Choice } from '../target.ts'

interface Leaf {
  readonly choice: Choice
  /** `Europe / Sales` */
  readonly path: string
  readonly folded: string
}

interface List {
  readonly leaves: readonly Leaf[]
  /** Worked out for the first value that is not in the list. */
  readonly comparables: () => readonly Comparable[]
}

/** All hires of some minutes meet the same lists, of a thousand items some of them, so each is unfolded once. */
const lists = new WeakMap<readonly Choice[], List>()

export function listOf(choices: readonly Choice[]): List {
  const known = lists.get(choices)
  if (known !== undefined) return known
  const leaves = leavesOf(choices)
  let names: readonly Comparable[] | undefined
  const list = { leaves, comparables: () => (names ??= leaves.map(({ choice }) => comparable(choice.name))) }
  lists.set(choices, list)
  return list
}

function leavesOf(choices: readonly Choice[], above = ''): readonly Leaf[] {
  return choices.flatMap((choice) => {
    if (choice.archived) return []
    const path = above === '' ? choice.name : `${above} / ${choice.name}`
    if (choice.children.length > 0) return leavesOf(choice.children, path)
    return [{ choice, path, folded: folded(choice.name) }]
  })
}

/** `A and B` in each way that it can be divided, since items may have the word in their names; of `and C` the `C`. */
export function withAnd(text: string): readonly (readonly string[])[] {
  const words = text.split(/(?<=^| )and /)
  return words.slice(1).map((_, at) => {
    const sides = [words.slice(0, at + 1), words.slice(at + 1)].map((some) => some.join('and ').trim())
    return sides.filter((side) => side !== '')
  })
}
