/** How long the events and runs of a tenant are kept once they are finished. */
import { z } from 'zod'

import { durationText, parseDuration } from '../base/duration.ts'

/** Seconds. */
export type KeepFinished = 'forever' | number

/** A year, and a month to look back on it. */
export const defaultKeepFinished = 400 * 86_400

/** As far as a sweep may look back: a pruned event must not look like a hire without a webhook. */
const shortest = 90 * 86_400
const longest = 3650 * 86_400

/** `forever`, or a duration such as `400d`, as seconds. */
export const keepFinishedSchema = z
  .string()
  .transform((text, context): KeepFinished => {
    if (text === 'forever') return text
    const seconds = parseDuration(text)
    if (seconds !== undefined && seconds >= shortest && seconds <= longest) return seconds
    context.addIssue(
      `must be forever, or a duration from ${durationText(shortest)} to ${durationText(longest)}`,
    )
    return z.NEVER
  })
  .default(defaultKeepFinished)

export function keepFinishedText(keep: KeepFinished): string {
  return keep === 'forever' ? keep : durationText(keep)
}
