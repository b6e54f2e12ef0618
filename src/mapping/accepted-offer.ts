/** The offer that counts: of several accepted ones the one that was accepted last. */
import type { HiredApplication, Offer } from '../pinpoint/hired-application.ts'

export function acceptedOffer(offers: HiredApplication['offers']): Offer | undefined {
  return offers
    ?.filter(({ result }) => result?.toLowerCase() === 'accepted')
    .toSorted((a, b) => instant(b.resultAt) - instant(a.resultAt))
    .at(0)
}

function instant(text: string | undefined): number {
  const milliseconds = Date.parse(text ?? '')
  return Number.isNaN(milliseconds) ? -Infinity : milliseconds
}
