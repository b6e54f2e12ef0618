/** Where a sweep stops, whatever Pinpoint lists. */
import { NeedsPerson } from '../base/failure.ts'

/** A server that answers the same page for ever must not be asked for ever. */
export const mostPages = 2000
/** Then other sweeps get their turn: a process does one at a time. */
export const pagesOfOneTurn = 20
/** Webhooks that never came are few. So many are a new set-up, a restored backup, or a list that somebody has made up. */
export const mostMissing = 200

export function tooManyMissing(tenant: string): NeedsPerson {
  return new NeedsPerson(
    'sweep.too_many_missing',
    `More than ${mostMissing} hires are without a webhook; those from here on were not taken up.`,
    {
      fix: `Look at them: sweep --tenant ${tenant} --preview. If they are to be taken up: sweep --tenant ${tenant} --yes`,
    },
  )
}

export function tooManyPages(): NeedsPerson {
  return new NeedsPerson(
    'sweep.too_many_pages',
    `Pinpoint’s list of hires does not end after ${mostPages} pages.`,
    {
      fix: 'Sweep a shorter time (--since).',
    },
  )
}
