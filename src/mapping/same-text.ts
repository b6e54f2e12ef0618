/** Texts as they are compared and sent: what looks the same to people is the same. */

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
