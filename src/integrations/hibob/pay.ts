/** Amounts and currencies as HiBob takes them. It stores a currency that it does not know as nothing, with 200, so it is checked before. */

/** Undefined: not above zero, or with more digits than a number holds, which would send another amount than was written. */
export function amountOf(text: string): number | undefined {
  const number = Number(text)
  return number > 0 && plainDigits(String(number)) === plainDigits(text) ? number : undefined
}

/** Without zeros that say nothing: `065000.50` is `65000.5`. */
function plainDigits(text: string): string {
  const [whole = '', fraction = ''] = text.trim().split('.')
  return `${whole.replace(/^0+(?=\d)/, '')}.${fraction.replace(/0+$/, '')}`
}

const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'))

/** The code of a currency that is in use, such as `EUR`. */
export function currencyOf(text: string): string | undefined {
  const code = text.trim().toUpperCase()
  return currencies.has(code) ? code : undefined
}
