/**
 * What people paste along without seeing it: zero-width spaces, direction marks, soft hyphens, no-break spaces. Two texts that
 * look the same should be the same.
 */

/** Format characters, and the letters and marks that are drawn as nothing. Variation selectors stay: names are written with them. */
const invisible = String.raw`\p{Cf}\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0`

/** In these scripts a joiner changes how a name is written; in others it came along with a copy. */
const joinedScripts =
  'Arabic Syriac Mongolian Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Khmer'
const joined = joinedScripts.replace(/\w+ ?/g, (script) => String.raw`\p{scx=${script.trim()}}`)

const unseen = new RegExp(String.raw`(?<![${joined}])[\u200c\u200d]|(?![\u200c\u200d])[${invisible}]`, 'gu')
const spaces = /[\p{Z}\p{Cc}]+/gu
/** What steers a terminal, a log or the direction of a line: controls, format characters, separators of lines, halves of characters. */
const steering = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu
const notInAddress = new RegExp(String.raw`[${invisible}\p{Z}\p{Cc}]`, 'gu')

/** A name or a title as it is read: nothing invisible, single plain spaces. Undefined when nothing is left. */
export function visibleLine(text: string): string | undefined {
  return text.replace(unseen, '').replace(spaces, ' ').trim() || undefined
}

/** An e-mail address as it is read: without spaces and whatever else is not seen. Its case is kept. */
export function visibleAddress(text: string): string | undefined {
  return text.replace(notInAddress, '') || undefined
}

/** Characters of a foreign text that are shown. */
export const mostQuoted = 80
/** Characters of a sentence for people: a reason, a fix, a warning. */
export const mostOfSentence = 2000

/** A text that is not ours within a sentence of ours, in quotation marks: one line, nothing that steers, at most 80 characters. */
export function quoted(text: string): string {
  return `"${shortened(text)}"`
}

/** The same without the marks: for what is shown beside sentences. */
export function shortened(text: string, most = mostQuoted): string {
  // A character is at most two units long, a joined one more; what lies behind is not even looked at.
  const line = withoutSteering(text.slice(0, 4 * most)).trim()
  const characters = Array.from(line)
  return characters.length <= most && text.length <= 4 * most
    ? line
    : `${characters.slice(0, most - 1).join('')}…`
}

/** A sentence for people, whatever was put into it: one line of at most 2,000 characters. */
export function sentence(text: string): string {
  return shortened(text, mostOfSentence)
}

/** One space for each run of characters that would steer. */
export function withoutSteering(text: string): string {
  return text.replace(steering, ' ')
}

/** Letters that are one with a stroke, which Unicode does not take apart. */
const strokes: Readonly<Record<string, string>> = {
  Ø: 'O',
  Ł: 'L',
  Đ: 'D',
  Ð: 'D',
  Æ: 'AE',
  Œ: 'OE',
  Þ: 'TH',
}

/** Accents only: in other scripts a mark is a letter, and two names differ by it. */
const accents = /[\u0300-\u036f]/g

/** The words of a name as they are compared: whatever the case, accents, punctuation and spaces, what reads the same is the same. */
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
