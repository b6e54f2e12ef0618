/** Days as text. They are never turned into instants of some time zone: that moves them by a day. */

/** `2026-03-29` from `2026-03-29` or `2026-03-29T00:30:00+01:00`; undefined when there is no such day. */
export function calendarDay(text: string): string | undefined {
  const day = /^(\d{4}-\d{2}-\d{2})(?:[T ]|$)/.exec(text.trim())?.[1]
  return day !== undefined && daysAfter(day, 0) === day ? day : undefined
}

/**
 * The day of a moment in this time zone. Without one, and for a text without a time and its offset, it is the day that is written. Nothing
 * else is given to `Date.parse`, which makes a day of "Room 5".
 */
export function dayOf(text: string, timeZone: string | undefined): string | undefined {
  const written = calendarDay(text)
  const isMoment = /[T ]\d{2}:\d{2}.*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})$/i.test(text.trim())
  const instant = isMoment ? Date.parse(text) : NaN
  if (written === undefined || timeZone === undefined || Number.isNaN(instant)) return written
  // The order that Sweden writes a date in is that of ISO 8601.
  return calendarDay(new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(instant))
}

export function daysAfter(day: string, days: number): string {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number)
  const instant = new Date(Date.UTC(year, month - 1, date + days))
  return instant.toISOString().slice(0, 10)
}

/** The day itself, or the Monday after it where it is at a weekend. Holidays are not known. */
export function workingDay(day: string): string {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay()
  return daysAfter(day, weekday === 6 ? 2 : weekday === 0 ? 1 : 0)
}
