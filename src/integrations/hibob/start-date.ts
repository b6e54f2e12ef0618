/** The first working day, as text. Dates are never turned into instants of some time zone: that moves them by a day. */
import type { HiredApplication } from '../../sdk/index.ts'
import type { Settings } from './settings.ts'

type StartDateRule =
  | Exclude<Settings['startDateRule'], object>
  /** Without a time zone the day of hire is the one that Pinpoint writes, which is that of UTC. */
  | (Extract<Settings['startDateRule'], object> & { readonly timeZone?: string | undefined })

/** From the accepted offer, else the application, else the rule of the settings. Undefined: nobody has said. */
export function startDateOf(
  hire: Pick<HiredApplication, 'offers' | 'startOn' | 'hiredAt'>,
  rule: StartDateRule,
  triggeredAt: Date,
): string | undefined {
  const written = acceptedOffer(hire.offers)?.startOn ?? hire.startOn
  if (written !== undefined) return calendarDay(written)
  if (rule === 'park') return undefined
  return daysAfter(dayOf(hire.hiredAt ?? triggeredAt.toISOString(), rule.timeZone), rule.daysAfterHire)
}

function dayOf(text: string, timeZone: string | undefined): string | undefined {
  const instant = /[T ]/.test(text.trim()) ? Date.parse(text) : NaN
  if (timeZone === undefined || Number.isNaN(instant)) return calendarDay(text)
  // The order that Sweden writes a date in is that of ISO 8601.
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(instant)
}

const farDays = 366

/** What a person should look at although somebody has said a date. */
export function startDateWarnings(
  { offers, startOn }: Pick<HiredApplication, 'offers' | 'startOn'>,
  taken: string,
  now: Date,
) {
  const offered = calendarDay(acceptedOffer(offers)?.startOn ?? '')
  const applied = calendarDay(startOn ?? '')
  const days = Math.abs(Date.parse(taken) - now.getTime()) / 86_400_000
  return [
    ...(offered !== undefined && applied !== undefined && offered !== applied
      ? [
          {
            code: 'hibob.start_dates_differ',
            message: `The accepted offer says ${offered} as the start date and the application says ${applied}: the offer’s was taken.`,
          },
        ]
      : []),
    ...(days > farDays
      ? [
          {
            code: 'hibob.start_date_far',
            message: `The start date ${taken} is more than a year from today. Check it in HiBob.`,
          },
        ]
      : []),
  ]
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
