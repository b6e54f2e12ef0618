/** Texts as they are compared and sent: what looks the same to people is the same, and what somebody may have meant is near. */
import { foldedWords, visibleLine } from '../base/plain-text.ts'
import { distanceWithin } from './near/distance.ts'

/** Whatever the case, the spaces, what nobody sees and the way that accents are encoded. */
export function sameText(one: string, other: string): boolean {
  return folded(one) === folded(other)
}

export function folded(text: string): string {
  // Most texts have nothing that is hidden, and lists may have thousands.
  const isPlain = /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/.test(text)
  return (isPlain ? text : (visibleLine(text.normalize('NFC')) ?? '')).toLowerCase()
}

/** The one that is spelled so, or else the only one that looks the same: of several that say different things none is guessed. */
export function entryOf<T>(
  entries: readonly (readonly [string, T])[],
  text: string,
): readonly [string, T] | undefined {
  const exact = entries.find(([name]) => name === text)
  if (exact !== undefined) return exact
  const wanted = folded(text)
  const alike = entries.filter(([name]) => folded(name) === wanted)
  return new Set(alike.map(([, one]) => one)).size === 1 ? alike[0] : undefined
}

/**
 * NFC, trimmed and without what nobody sees: the same name is the same bytes wherever it was typed. Joiners stay, since some
 * scripts are written with them, and so do line breaks. Undefined when nothing is left.
 */
export function tidy(text: string | undefined): string | undefined {
  const seen = text?.normalize('NFC').replace(/(?![\u200c\u200d])\p{Cf}|(?![\t\n\r])\p{Cc}/gu, '')
  return seen?.replace(/\p{Z}+/gu, ' ').trim() || undefined
}

const most = 3
/** Beyond it a text is compared by its beginning only. */
const longest = 80

/** The nearest of what there is, after folding. */
export function nearest(wanted: string, names: readonly string[]): readonly string[] {
  return nearestOf(wanted, names.map(comparable))
}

/** A name with what it is compared by: of a list that many values are looked for in, it is worked out once. */
export interface Comparable {
  readonly name: string
  readonly plain: string
}

export function comparable(name: string): Comparable {
  return { name, plain: plainOf(name) }
}

export function nearestOf(wanted: string, names: readonly Comparable[]): readonly string[] {
  const plain = plainOf(wanted)
  // Never all letters: "HR" is not near "IT".
  const allowed = Math.min(plain.length - 1, Math.max(2, Math.floor(plain.length / 3)))
  const best: { readonly name: string; readonly distance: number }[] = []
  for (const { name, plain: other } of names) {
    // What comes later has to be nearer than the last of those that are found.
    const limit = best.length < most ? allowed : Math.min(allowed, (best.at(-1)?.distance ?? 0) - 1)
    const distance = distanceOf(plain, other, limit)
    if (distance !== 0 && distance > limit) continue
    const at = best.findIndex((one) => one.distance > distance)
    best.splice(at === -1 ? best.length : at, 0, { name, distance })
    best.length = Math.min(best.length, most)
  }
  return best.map(({ name }) => name)
}

/** ` Did you mean "work.site"?`; empty where nothing is near. */
export function didYouMean(wanted: string, names: readonly string[]): string {
  return asked(nearest(wanted, names))
}

export function asked(near: readonly string[]): string {
  return near.length === 0 ? '' : `. Did you mean ${near.join(', or ')}?`
}

function plainOf(text: string): string {
  const cut = text.slice(0, longest)
  return foldedWords(cut).join(' ').toLowerCase() || folded(cut)
}

/** One that contains the other counts as near: "London" and "London, UK". Beyond `limit` it is not worked out. */
function distanceOf(one: string, other: string, limit: number): number {
  if (one === other) return 0
  if (limit < 1) return Infinity
  const [short, long] = one.length < other.length ? [one, other] : [other, one]
  if (short.length > 2 && long.includes(short)) return 1
  return distanceWithin(short, long, limit)
}
