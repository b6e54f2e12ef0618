/** The first working day, as text. Dates are never turned into instants of some time zone: that moves them by a day. */
import { acceptedOffer, calendarDay, dayOf, daysAfter, type HiredApplication } from '../../sdk/index.ts'
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
  const hired = dayOf(hire.hiredAt ?? triggeredAt.toISOString(), rule.timeZone)
  return hired && daysAfter(hired, rule.daysAfterHire)
}

/** A slip of the year more often than a plan. */
const pastDays = 366
const futureDays = 731

/** What a person should look at although somebody has said a date. Without the days, which are personal. */
export function startDateWarnings(
  { offers, startOn }: Pick<HiredApplication, 'offers' | 'startOn'>,
  taken: string,
  now: Date,
) {
  const offered = calendarDay(acceptedOffer(offers)?.startOn ?? '')
  const applied = calendarDay(startOn ?? '')
  const days = (Date.parse(taken) - now.getTime()) / 86_400_000
  const far =
    days < -pastDays ? 'more than a year ago' : days > futureDays ? 'more than two years from now' : undefined
  return [
    ...(offered !== undefined && applied !== undefined && offered !== applied && taken === offered
      ? [
          {
            code: 'hibob.start_dates_differ',
            message:
              'The accepted offer and the application say different start dates: the offer’s was taken.',
          },
        ]
      : []),
    ...(far === undefined
      ? []
      : [{ code: 'hibob.start_date_far', message: `The start date is ${far}. Check it in HiBob.` }]),
  ]
}
