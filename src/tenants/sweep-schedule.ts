/** How often sweeps look for hires whose webhook never came, and how far back. */
import { z } from 'zod'

import { durationText, parseDuration } from '../base/duration.ts'

export type SweepSchedule = 'off' | { readonly everySeconds: number; readonly lookBackSeconds: number }

/** Four small calls a day; three days bridge a weekend without anybody watching. */
export const defaultSweep = { everySeconds: 6 * 3600, lookBackSeconds: 3 * 86_400 } as const

const shortestEvery = 15 * 60
const longestLookBack = 90 * 86_400

const duration = z.string().transform((text, context) => {
  const seconds = parseDuration(text)
  if (seconds !== undefined) return seconds
  context.addIssue('must be a duration such as 30m, 6h or 3d')
  return z.NEVER
})

/** `off`, or `{ every, lookBack }`, each with its default. */
export const sweepSchema = z
  .union([
    z.literal('off'),
    z
      .strictObject({
        every: duration
          .refine((seconds) => seconds >= shortestEvery, `must be at least ${durationText(shortestEvery)}`)
          .default(defaultSweep.everySeconds),
        lookBack: duration
          .refine((seconds) => seconds <= longestLookBack, `must be at most ${durationText(longestLookBack)}`)
          .default(defaultSweep.lookBackSeconds),
      })
      .refine(({ every, lookBack }) => lookBack >= every, {
        message: 'must not be shorter than every, or hires in between would be missed',
        path: ['lookBack'],
      })
      .transform(({ every, lookBack }) => ({ everySeconds: every, lookBackSeconds: lookBack })),
  ])
  .default(defaultSweep)

export function sweepText(schedule: SweepSchedule): string {
  if (schedule === 'off') return 'off'
  const { everySeconds, lookBackSeconds } = schedule
  return `every ${durationText(everySeconds)}, looking back ${durationText(lookBackSeconds)}`
}
