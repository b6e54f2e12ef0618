/** The first working day, as text. Dates are never turned into instants of some time zone: that moves them by a day. */
import type { HiredApplication } from '../../sdk/index.ts'
import type { Settings } from './settings.ts'

/** From the accepted offer, else the application, else the rule of the settings. Undefined: nobody has said. */
export function startDateOf(
  hire: Pick<HiredApplication, 'offers' | 'startOn' | 'hiredAt'>,
  rule: Settings['startDateRule'],
  triggeredAt: Date,
): string | undefined {
  const written = acceptedOffer(hire.offers)?.startOn ?? hire.startOn
  if (written !== undefined) return calendarDay(written)
  if (rule === 'park') return undefined
  // `hiredAt` has the offset of the tenant; the day is the one that was written there.
  return daysAfter(calendarDay(hire.hiredAt ?? triggeredAt.toISOString()), rule.daysAfterHire)
}

/** Of several accepted offers the one that was accepted last. */
export function acceptedOffer(offers: HiredApplication['offers']) {
  return offers
    ?.filter(({ result }) => result?.toLowerCase() === 'accepted')
    .toSorted((a, b) => instant(b.resultAt) - instant(a.resultAt))
    .at(0)
}

function instant(text: string | undefined): number {
  const milliseconds = Date.parse(text ?? '')
  return Number.isNaN(milliseconds) ? -Infinity : milliseconds
}

/** `2026-03-29` from `2026-03-29` or `2026-03-29T00:30:00+01:00`; undefined when there is no such day. */
export function calendarDay(text: string): string | undefined {
  const day = /^(\d{4}-\d{2}-\d{2})(?:[T ]|$)/.exec(text.trim())?.[1]
  return day !== undefined && daysAfter(day, 0) === day ? day : undefined
}

function daysAfter(day: string | undefined, days: number): string | undefined {
  if (day === undefined) return undefined
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number)
  return new Date(Date.UTC(year, month - 1, date + days)).toISOString().slice(0, 10)
}
