/** The zone in which a tenant's days begin, for rules that count days. */
import { z } from 'zod'

/** A name of the IANA database, in its spelling. Not an offset, which knows no daylight saving time. */
export const timeZoneSchema = z
  .string()
  .trim()
  .transform((name, context) => {
    const zone = /^[a-z]/i.test(name) ? zoneOf(name) : undefined
    if (zone !== undefined) return zone
    context.addIssue('must be a time zone such as Europe/Berlin or America/New_York')
    return z.NEVER
  })
  .optional()

function zoneOf(name: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
