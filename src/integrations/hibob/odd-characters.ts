/** Which characters of a name HiBob does not take, by their kind and number: the name itself is quoted nowhere. */

/** The marks that the reference prints: https://apidocs.hibob.com/reference/post_people */
const taken = /^[\p{L}\p{M} \u00b4\u0300\u0303`_\-;,./'\u2019"()]$/u

const invisible: Readonly<Record<number, string>> = {
  0x00a0: 'NO-BREAK SPACE',
  0x00ad: 'SOFT HYPHEN',
  0x180e: 'MONGOLIAN VOWEL SEPARATOR',
  0x200b: 'ZERO WIDTH SPACE',
  0x200c: 'ZERO WIDTH NON-JOINER',
  0x200d: 'ZERO WIDTH JOINER',
  0x200e: 'LEFT-TO-RIGHT MARK',
  0x200f: 'RIGHT-TO-LEFT MARK',
  0x2028: 'LINE SEPARATOR',
  0x2029: 'PARAGRAPH SEPARATOR',
  0x202a: 'LEFT-TO-RIGHT EMBEDDING',
  0x202b: 'RIGHT-TO-LEFT EMBEDDING',
  0x202c: 'POP DIRECTIONAL FORMATTING',
  0x202d: 'LEFT-TO-RIGHT OVERRIDE',
  0x202e: 'RIGHT-TO-LEFT OVERRIDE',
  0x202f: 'NARROW NO-BREAK SPACE',
  0x2060: 'WORD JOINER',
  0x2066: 'LEFT-TO-RIGHT ISOLATE',
  0x2067: 'RIGHT-TO-LEFT ISOLATE',
  0x2068: 'FIRST STRONG ISOLATE',
  0x2069: 'POP DIRECTIONAL ISOLATE',
  0x3000: 'IDEOGRAPHIC SPACE',
  0xfeff: 'ZERO WIDTH NO-BREAK SPACE',
}

const kinds: readonly (readonly [RegExp, string])[] = [
  [/\p{N}/u, 'a digit'],
  [/\p{Cc}/u, 'a control character'],
  [/\p{Cf}/u, 'an invisible character'],
  [/\p{Z}/u, 'a space of another kind'],
  [/\p{P}/u, 'a punctuation mark'],
  [/\p{S}/u, 'a symbol'],
]

const mostNamed = 5

/** `U+200B ZERO WIDTH SPACE`, `U+0032 (a digit)`: each once, at most five. */
export function oddCharacters(name: string): readonly string[] {
  const odd = [...new Set(name)].filter((character) => !taken.test(character))
  return odd.slice(0, mostNamed).map(nameOf)
}

/** Those that nobody can see: what an address must not have. */
export function invisibleCharacters(text: string): readonly string[] {
  const odd = [...new Set(text)].filter((character) => /[\p{C}\p{Z}]/u.test(character))
  return odd.slice(0, mostNamed).map(nameOf)
}

function nameOf(character: string): string {
  const number = character.codePointAt(0) ?? 0
  const code = `U+${number.toString(16).toUpperCase().padStart(4, '0')}`
  const known = invisible[number]
  if (known !== undefined) return `${code} ${known}`
  const kind = kinds.find(([shape]) => shape.test(character))?.[1] ?? 'an unknown character'
  return `${code} (${kind})`
}
