/**
 * Phone numbers as `+447700900123` (E.164). A number of a country is turned only by a rule of its numbering plan that leaves no choice;
 * what is left has no result. https://www.itu.int/oth/T0202.aspx?parent=T0202
 */

interface Plan {
  readonly code: string
  /** Dialled before a number within the country, and not from abroad. */
  readonly trunk: '0' | undefined
  readonly digits: readonly [least: number, most: number]
}
type Row = readonly [countries: string, code: string, least: number, most: number]

/** Numbers begin with 0 within the country. */
const withTrunk: readonly Row[] = [
  ...([
    ['AE', '971', 8, 9],
    ['AT', '43', 6, 13],
    ['AU', '61', 9, 9],
    ['BE', '32', 8, 9],
  ] as const),
  ...([
    ['CH LI', '41', 9, 9],
    ['DE', '49', 6, 12],
    ['FI', '358', 6, 11],
    ['FR', '33', 9, 9],
  ] as const),
  ...([
    ['GB GG IM JE', '44', 9, 10],
    ['IE', '353', 7, 9],
    ['IL', '972', 8, 9],
    ['JP', '81', 9, 10],
  ] as const),
  ...([
    ['NL', '31', 9, 9],
    ['NZ', '64', 8, 10],
    ['SE', '46', 7, 9],
    ['ZA', '27', 9, 9],
  ] as const),
]
/** Numbers are written whole. An Italian one begins with 0 from abroad, too. */
const whole: readonly Row[] = [
  ...([
    ['CA US', '1', 10, 10],
    ['CY', '357', 8, 8],
    ['CZ', '420', 9, 9],
    ['DK', '45', 8, 8],
  ] as const),
  ...([
    ['EE', '372', 7, 8],
    ['ES', '34', 9, 9],
    ['GR', '30', 10, 10],
    ['HK', '852', 8, 8],
  ] as const),
  ...([
    ['IS', '354', 7, 7],
    ['IT', '39', 8, 11],
    ['LV', '371', 8, 8],
    ['MT', '356', 8, 8],
  ] as const),
  ...([
    ['MX', '52', 10, 10],
    ['NO', '47', 8, 8],
    ['PL', '48', 9, 9],
    ['PT', '351', 9, 9],
  ] as const),
  ...([['SG', '65', 8, 8]] as const),
]
const plans = new Map<string, Plan>(
  [withTrunk, whole].flatMap((rows, at) =>
    rows.flatMap(([countries, code, least, most]) =>
      countries
        .split(' ')
        .map((one) => [one, { code, trunk: at === 0 ? '0' : undefined, digits: [least, most] }] as const),
    ),
  ),
)
/** From where `00` does not lead abroad. */
const otherPrefix: ReadonlySet<string> = new Set(['AU', 'CA', 'HK', 'IL', 'JP', 'SG', 'US'])

/** `country`: two letters, of a number that does not name its own. Undefined: it cannot be told. */
export function toE164(text: string, country: string | undefined): string | undefined {
  const from = country?.toUpperCase() ?? ''
  // A zero in brackets is not dialled from abroad.
  const written = /^\s*(\+|00)/.test(text) ? text.replace(/\(0\)/, '') : text
  if (!/^[+\d\s().\-/\u2010-\u2015]+$/.test(written)) return undefined
  const dialled = written.replace(/[^+\d]/g, '')
  if (dialled.startsWith('+')) return international(dialled.slice(1))
  if (dialled.startsWith('00') && !otherPrefix.has(from)) return international(dialled.slice(2))
  const plan = plans.get(from)
  return plan && national(dialled, plan)
}

function international(digits: string): string | undefined {
  if (!/^[1-9]\d{6,14}$/.test(digits)) return undefined
  const plan = [...plans.values()].find(({ code }) => digits.startsWith(code))
  const number = digits.slice(plan?.code.length)
  return plan === undefined || isOf(plan, number) ? `+${digits}` : undefined
}

function national(digits: string, plan: Plan): string | undefined {
  const { code, trunk } = plan
  if (trunk !== undefined && !digits.startsWith(trunk)) return undefined
  const isAmerican = code === '1' && digits.length === 11 && digits.startsWith('1')
  const number = trunk !== undefined || isAmerican ? digits.slice(1) : digits
  return isOf(plan, number) ? `+${code}${number}` : undefined
}

function isOf({ code, trunk, digits: [least, most] }: Plan, number: string): boolean {
  const begins = code === '1' ? /^[2-9]/.test(number) : trunk === undefined || !number.startsWith(trunk)
  return begins && number.length >= least && number.length <= most
}
