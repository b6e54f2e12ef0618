/** How long a connection's runs wait after the hire, so that a hire revoked in that time has no consequence. */
import { z } from 'zod'

import { parseDuration } from '../base/duration.ts'

const longestSeconds = 30 * 86_400

/** A duration such as `2h`, as seconds; none unless set. */
export const delaySchema = z
  .string()
  .transform((text, context) => {
    const seconds = parseDuration(text)
    if (seconds !== undefined && seconds <= longestSeconds) return seconds
    context.addIssue('must be a duration such as 30m, 2h or 1d, at most 30d')
    return z.NEVER
  })
  .default(0)
