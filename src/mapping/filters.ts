/** What can be done with a value. Each filter is a function of its text; none calls another. */
import { calendarDay, dayOf, daysAfter, workingDay } from './dates.ts'
import { countryCode, countryNamed } from './filters/country.ts'
import { toE164 } from './filters/phone.ts'

/** Why a filter has no result: a sentence that continues "its value". */
export interface Unfit {
  readonly problem: string
}

export interface Filter {
  readonly name: string
  readonly title: string
  /** In brackets behind it: so many days, which it needs, or a country, which it may have. */
  readonly takes: 'days' | 'country' | undefined
  /** It works on days only. */
  readonly ofDays?: true
  readonly apply: (text: string, given: Given) => string | Unfit
}

interface Given {
  readonly number: number
  /** Two letters: of what the value is, or else as the mapping says. */
  readonly country: string | undefined
  readonly timeZone: string | undefined
}

const noLatinForm: Unfit = { problem: 'has letters that have no Latin form' }
const noDay: Unfit = { problem: 'is not a day that exists' }
const noPhone: Unfit = { problem: 'is not a phone number whose international form is certain' }
const noCode: Unfit = { problem: 'is not the two letters of a country' }
const noCountry: Unfit = { problem: 'is not the name of a country' }

export const filters: readonly Filter[] = [
  filter('ascii', 'Letters as ASCII: `Łukasz Żółć` is `Lukasz Zolc`', (text) => toAscii(text) ?? noLatinForm),
  filter('lower', 'Small letters', (text) => text.toLowerCase()),
  filter('upper', 'Capital letters', (text) => text.toUpperCase()),
  filter('trim', 'Without spaces at the ends', (text) => text.trim()),
  filter(
    'slug',
    'ASCII, small letters and digits, with hyphens between them: `van der Berg` is `van-der-berg`',
    slug,
  ),
  filter('initial', 'The first letter', (text) => first(text.trim())),
  {
    ...filter('plusDays', 'So many days later, in the tenant’s time zone', (text) => text),
    ...{ takes: 'days', ofDays: true },
    apply: (text, { number, timeZone }) => onDay(text, timeZone, (day) => daysAfter(day, number)),
  },
  {
    ...filter(
      'nextWorkingDay',
      'The day itself, or the Monday after it where it is at a weekend',
      (text) => text,
    ),
    ofDays: true,
    apply: (text, { timeZone }) => onDay(text, timeZone, workingDay),
  },
  {
    ...filter('phone', 'A phone number as `+447700900123`', (text) => text),
    takes: 'country',
    apply: (text, { country }) => toE164(text, country) ?? noPhone,
  },
  filter('countryName', 'The English name of a country: `GB` is `United Kingdom`; a name stays', (text) =>
    text.length === 2 ? (countryNamed(text) ?? noCode) : text,
  ),
  filter('countryCode', 'The two letters of a country: `Jersey` is `JE`', (text) =>
    text.length === 2 && countryNamed(text) !== undefined
      ? text.toUpperCase()
      : (countryCode(text) ?? noCountry),
  ),
]

export const filterNames = filters.map(({ name }) => name)

export function filterNamed(name: string): Filter | undefined {
  return filters.find((one) => one.name === name)
}

function filter(name: string, title: string, apply: (text: string) => string | Unfit): Filter {
  return { name, title, takes: undefined, apply }
}

function slug(text: string): string | Unfit {
  const ascii = toAscii(text)
  if (ascii === undefined) return noLatinForm
  return ascii
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
    .join('-')
}

function first(text: string): string {
  const [segment] = letters.segment(text)
  return segment?.segment ?? ''
}
const letters = new Intl.Segmenter('en', { granularity: 'grapheme' })

function onDay(text: string, timeZone: string | undefined, change: (day: string) => string): string | Unfit {
  const day = dayOf(text, timeZone)
  // Beyond the year 9999 there are no days that anybody means.
  return (day === undefined ? undefined : calendarDay(change(day))) ?? noDay
}

/** Latin letters that Unicode does not decompose, and punctuation that people type instead of ASCII's. */
const forms: Readonly<Record<string, string>> = {
  ...{ ß: 'ss', ẞ: 'SS', æ: 'ae', Æ: 'AE', œ: 'oe', Œ: 'OE', ø: 'o', Ø: 'O', ł: 'l', Ł: 'L' },
  ...{ đ: 'd', Đ: 'D', ð: 'd', Ð: 'D', þ: 'th', Þ: 'Th', ħ: 'h', Ħ: 'H', ı: 'i', ŋ: 'ng', Ŋ: 'Ng' },
  ...{ ŧ: 't', Ŧ: 'T', ĸ: 'k', ə: 'e', Ə: 'E', ƒ: 'f', ɓ: 'b', Ɓ: 'B', ɗ: 'd', Ɗ: 'D', ƙ: 'k', Ƙ: 'K' },
  ...{ '’': "'", '‘': "'", ʼ: "'", '`': "'", '´': "'", '‐': '-', '‑': '-', '–': '-', '—': '-' },
}

/** None is lost: undefined where something has no Latin form. */
function toAscii(text: string): string | undefined {
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
