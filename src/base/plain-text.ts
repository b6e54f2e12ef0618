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
const notInAddress = new RegExp(String.raw`[${invisible}\p{Z}\p{Cc}]`, 'gu')

/** A name or a title as it is read: nothing invisible, single plain spaces. Undefined when nothing is left. */
export function visibleLine(text: string): string | undefined {
  return text.replace(unseen, '').replace(spaces, ' ').trim() || undefined
}

/** An e-mail address as it is read: without spaces and whatever else is not seen. Its case is kept. */
export function visibleAddress(text: string): string | undefined {
  return text.replace(notInAddress, '') || undefined
}
