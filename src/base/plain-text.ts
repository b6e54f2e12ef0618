/**
 * Removes what people paste without seeing it: zero-width spaces, direction marks, soft hyphens, no-break spaces. Two texts that
 * look the same should be the same.
 */

/** Format characters, and letters and marks without a visible form. Variation selectors stay: names are written with them. */
const invisible = String.raw`\p{Cf}\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0`

/** In these scripts a joiner changes how a name is written; in others it was copied by accident. */
const joinedScripts =
  'Arabic Syriac Mongolian Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Khmer'
const joined = joinedScripts.replace(/\w+ ?/g, (script) => String.raw`\p{scx=${script.trim()}}`)

const unseen = new RegExp(String.raw`(?<![${joined}])[\u200c\u200d]|(?![\u200c\u200d])[${invisible}]`, 'gu')
const spaces = /[\p{Z}\p{Cc}]+/gu
/** Characters that control a terminal, a log or the direction of a line: controls, format characters, line separators, lone surrogates. */
const steering = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu
const notInAddress = new RegExp(String.raw`[${invisible}\p{Z}\p{Cc}]`, 'gu')

/** A name or a title as people read it: no invisible characters, single plain spaces. Undefined when nothing is left. */
export function visibleLine(text: string): string | undefined {
  return text.replace(unseen, '').replace(spaces, ' ').trim() || undefined
}

/** An e-mail address as people read it: without spaces and invisible characters. Its case is kept. */
export function visibleAddress(text: string): string | undefined {
  return text.replace(notInAddress, '') || undefined
}

/** Characters shown of a foreign text. */
export const mostQuoted = 80
/** Characters of a sentence for people: a reason, a fix, a warning. */
export const mostOfSentence = 2000

/** Quotes a foreign text within a sentence of ours: one line, no control characters, at most 80 characters. */
export function quoted(text: string): string {
  return `"${shortened(text)}"`
}

/** The same without quotation marks, for texts beside sentences. */
export function shortened(text: string, most = mostQuoted): string {
  // A character has at most two units, a joined one some more; the rest of the text is not even read.
  const line = withoutSteering(text.slice(0, 4 * most)).trim()
  const characters = Array.from(line)
  return characters.length <= most && text.length <= 4 * most
    ? line
    : `${characters.slice(0, most - 1).join('')}…`
}

/** A sentence for people, whatever was inserted into it: one line of at most 2,000 characters. */
export function sentence(text: string): string {
  return shortened(text, mostOfSentence)
}

/** Replaces each run of control characters with one space. */
export function withoutSteering(text: string): string {
  return text.replace(steering, ' ')
}

/** Letters with a stroke, which Unicode does not decompose. */
const strokes: Readonly<Record<string, string>> = {
  Ø: 'O',
  Ł: 'L',
  Đ: 'D',
  Ð: 'D',
  Æ: 'AE',
  Œ: 'OE',
  Þ: 'TH',
}

/** Accents only: in other scripts a mark is a letter, and may distinguish two names. */
const accents = /[\u0300-\u036f]/g

/** The words of a name for comparison: case, accents, punctuation and spaces do not count. */
export function foldedWords(text: string): readonly string[] {
  return text
    .normalize('NFKD')
    .replace(accents, '')
    .replace(/\p{Cf}/gu, '')
    .toUpperCase()
    .replace(/[ØŁĐÐÆŒÞ]/g, (letter) => strokes[letter] ?? letter)
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter((word) => word !== '')
}
