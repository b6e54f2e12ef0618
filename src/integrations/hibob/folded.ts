/** E-mails and first names as they are compared: what looks the same to people is the same. Pure. */
import { foldedWords } from '../../sdk/index.ts'

/** As it is sent: without what nobody sees, which a copied address often carries. */
export function plainEmail(email: string): string {
  return email
    .normalize('NFC')
    .replace(/\p{Cf}/gu, '')
    .replace(/\p{Z}/gu, ' ')
    .trim()
}

export function sameEmail(one: string, other: string): boolean {
  return plainEmail(one).toLowerCase() === plainEmail(other).toLowerCase()
}

/**
 * Whatever the case, accents, punctuation and spaces. A first name of several words agrees with its leading words: Pinpoint has
 * "Ada Maria" where HiBob has "Ada".
 */
export function sameFirstName(one: string, other: string): boolean {
  return leads(foldedWords(one), foldedWords(other)) || leads(foldedWords(other), foldedWords(one))
}

/** Without the surname, on whichever side of it: what is left of a full name is the first name. */
export function withoutSurname(name: string, surname: string): string | undefined {
  const words = foldedWords(name)
  const last = foldedWords(surname)
  const count = last.length
  if (count === 0) return undefined
  if (isSame(words.slice(-count), last)) return words.slice(0, -count).join(' ') || undefined
  if (isSame(words.slice(0, count), last)) return words.slice(count).join(' ') || undefined
  return words.join(' ') || undefined
}

export function hasLetters(name: string): boolean {
  return foldedWords(name).length > 0
}

/** "Ann Marie" leads "Annmarie Sue": where a name is divided is not told apart. */
function leads(whole: readonly string[], words: readonly string[]): boolean {
  if (whole.length === 0) return false
  const wanted = whole.join('')
  return words.some((_, index) => words.slice(0, index + 1).join('') === wanted)
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((word, index) => word === other[index])
}
