/** Where a sweep stops, whatever Pinpoint lists. */
import { NeedsPerson } from '../base/failure.ts'

/** Ends the list of a server that repeats the same page for ever. */
export const mostPages = 2000
/** Then other sweeps have their turn: a process performs one at a time. */
export const pagesOfOneTurn = 20
/** Webhooks that never came are few. This many mean a new set-up, a restored backup, or a made-up list. */
export const mostMissing = 200

export function tooManyMissing(tenant: string): NeedsPerson {
  return new NeedsPerson(
    'sweep.too_many_missing',
    `More than ${mostMissing} hires are without a webhook; those from here on were not processed.`,
    {
      fix: `Review them: sweep ${tenant} --preview. To process them: sweep ${tenant} --yes`,
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
