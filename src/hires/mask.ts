/** Names as they are shown to whoever has not asked for them: `A•• E••••••`. Pure. */
import type { HireDetails } from './hire.ts'

/** Bullets of one word at most: beyond that its length says more of a person than it helps to recognise them. */
const mostBullets = 8

export function maskedDetails({ name, email, jobTitle }: HireDetails): HireDetails {
  const masked = (text: string | null) => (text === null ? null : maskedText(text))
  return { name: masked(name), email: masked(email), jobTitle: masked(jobTitle) }
}

export function maskedText(text: string): string {
  return text.replace(/[\p{L}\p{M}\p{N}]+/gu, maskedWord)
}

/** The first letter, with what belongs to it, and a bullet for each other one; at least one, for a word of one letter. */
function maskedWord(word: string): string {
  const [first = '', ...others] = Array.from(letters.segment(word), ({ segment }) => segment)
  return first + '•'.repeat(Math.min(Math.max(others.length, 1), mostBullets))
}

const letters = new Intl.Segmenter('en', { granularity: 'grapheme' })
