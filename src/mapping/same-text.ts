/** Texts as they are compared and sent: what looks the same to people is the same, and what somebody may have meant is near. */
import { foldedWords } from '../base/plain-text.ts'

/** Whatever the case, the spaces around and the way that accents are encoded. */
export function sameText(one: string, other: string): boolean {
  return folded(one) === folded(other)
}

export function folded(text: string): string {
  return text.normalize('NFC').trim().toLowerCase()
}

/**
 * NFC, trimmed and without what nobody sees: the same name is the same bytes wherever it was typed. Joiners stay, since some
 * scripts are written with them. Undefined when nothing is left.
 */
export function tidy(text: string | undefined): string | undefined {
  const seen = text?.normalize('NFC').replace(/(?![\u200c\u200d])\p{Cf}/gu, '')
  return seen?.replace(/\p{Z}+/gu, ' ').trim() || undefined
}

const most = 3
/** Beyond it a text is compared by its beginning only. */
const longest = 80

/** The nearest of what there is, after folding. */
export function nearest(wanted: string, names: readonly string[]): readonly string[] {
  const plain = plainOf(wanted)
  // Never all letters: "HR" is not near "IT".
  const allowed = Math.min(plain.length - 1, Math.max(2, Math.floor(plain.length / 3)))
  return names
    .map((name) => ({ name, distance: distanceOf(plain, plainOf(name), allowed) }))
    .filter(({ distance }) => distance === 0 || distance <= allowed)
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map(({ name }) => name)
}

/** ` Did you mean "work.site"?`; empty where nothing is near. */
export function didYouMean(wanted: string, names: readonly string[]): string {
  return asked(nearest(wanted, names))
}

export function asked(near: readonly string[]): string {
  return near.length === 0 ? '' : `. Did you mean ${near.join(', or ')}?`
}

/**
 * Of ids such as `work.title`: those that are the same but for a slip or two, and those of the same name in another place; before these,
 * those of the same place that have the name in theirs, as `home.mobilePhone` has that of `home.phone`.
 */
export function likelyMeant(wanted: string, ids: readonly string[]): readonly string[] {
  const last = lastPart(wanted)
  const slips = ids.filter((id) => levenshtein(folded(wanted), folded(id)) <= mostSlips)
  const elsewhere = ids.filter((id) => lastPart(id) === last)
  const inside =
    elsewhere.length === 0 ? [] : ids.filter((id) => isBeside(id, wanted) && lastPart(id).includes(last))
  return [...new Set([...slips, ...inside, ...elsewhere])].slice(0, most)
}
const mostSlips = 2
const lastPart = (id: string) => folded(id).split('.').at(-1) ?? ''
const isBeside = (one: string, other: string) => folded(one).split('.')[0] === folded(other).split('.')[0]

function plainOf(text: string): string {
  const cut = text.slice(0, longest)
  return foldedWords(cut).join(' ').toLowerCase() || folded(cut)
}

/** One that contains the other counts as near: "London" and "London, UK". Beyond `allowed` it is not worked out. */
function distanceOf(one: string, other: string, allowed: number): number {
  if (one === other) return 0
  const [short, long] = one.length < other.length ? [one, other] : [other, one]
  if (short.length > 2 && long.includes(short)) return 1
  if (long.length - short.length > allowed) return Infinity
  return levenshtein(one, other)
}

function levenshtein(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at)
  for (let at = 1; at <= one.length; at++) {
    const next = [at]
    for (let to = 1; to <= other.length; to++) {
      const changed = (row[to - 1] ?? 0) + (one[at - 1] === other[to - 1] ? 0 : 1)
      next.push(Math.min(changed, (row[to] ?? 0) + 1, (next[to - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[other.length] ?? 0
}
