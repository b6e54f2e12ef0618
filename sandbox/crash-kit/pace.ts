/** How fast services of a matrix go on, so that nobody waits for what is rare. */
import type { ServiceOptions } from '../../src/app/decorate-ports.ts'

export const pace = {
  /** Destinations of a matrix answer at once or never, so nothing lands so much later. The product waits 30 seconds. */
  callSeconds: 2,
  sweepPollSeconds: 0.3,
} as const satisfies ServiceOptions
