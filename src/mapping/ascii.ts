/** Letters as ASCII. None is lost: a text with a letter that has no such form is refused as a whole. */

/** Latin letters that Unicode does not decompose, and punctuation that people type instead of ASCII's. */
const forms: Readonly<Record<string, string>> = {
  ...{ ß: 'ss', ẞ: 'SS', æ: 'ae', Æ: 'AE', œ: 'oe', Œ: 'OE', ø: 'o', Ø: 'O', ł: 'l', Ł: 'L' },
  ...{ đ: 'd', Đ: 'D', ð: 'd', Ð: 'D', þ: 'th', Þ: 'Th', ħ: 'h', Ħ: 'H', ı: 'i', ŋ: 'ng', Ŋ: 'Ng' },
  ...{ ŧ: 't', Ŧ: 'T', ĸ: 'k', ə: 'e', Ə: 'E', ƒ: 'f', ɓ: 'b', Ɓ: 'B', ɗ: 'd', Ɗ: 'D', ƙ: 'k', Ƙ: 'K' },
  ...{ '’': "'", '‘': "'", ʼ: "'", '`': "'", '´': "'", '‐': '-', '‑': '-', '–': '-', '—': '-' },
}

/** Undefined: something in it has no Latin form. */
export function toAscii(text: string): string | undefined {
  // Before the marks go: what is left of a letter of another script without them may be another letter.
  if (/[^\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]/u.test(text)) return undefined
  const ascii = Array.from(text, (letter) => forms[letter] ?? letter)
    .join('')
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/\p{Z}/gu, ' ')
  const whole = Array.from(ascii, (letter) => forms[letter] ?? letter).join('')
  return /^[\x20-\x7e]*$/.test(whole) ? whole : undefined
}
