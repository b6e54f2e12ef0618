/** For commands that read a lot: they wait when a limit is exhausted. */
import { systemClock } from '../base/clock.ts'
import type { Log } from '../observe/log.ts'
import type { Patience } from '../tenants/preflight-patience.ts'

export function patience(log: Log): Patience {
  return {
    clock: systemClock,
    atMostSeconds: 15 * 60,
    onWait: (until) => log.warn({ until }, 'a limit is used up; waiting for it'),
  }
}
