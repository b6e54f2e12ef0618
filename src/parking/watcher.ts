/**
 * The parked-run watcher of one process: performs due rechecks one at a time and spread out, since Pinpoint counts calls per address
 * and runs come first. A signalled recheck is not delayed. Woken by notification; the poll is the safety net.
 */
import type { Clock } from '../base/clock.ts'
import { type Loop, startLoop } from '../base/loop.ts'
import { createOutage } from '../observe/outage.ts'
import { performRecheck, type RecheckDeps } from './recheck.ts'

const pollMilliseconds = 5000
/**
 * After a recheck that was not signalled. Pinpoint allows 30 calls a minute over time, and a recheck makes two: most of the limit
 * is left to runs, however many runs are parked.
 */
const spacingMilliseconds = 10_000

/** Woken when a recheck is due now. A recheck that a stop cuts off is repeated by another process. */
export function startWatcher(deps: RecheckDeps & { readonly clock: Clock }): Loop {
  const { store, clock, log } = deps
  const outage = createOutage(log, {
    clock,
    began: 'parked runs cannot be rechecked; trying again',
    over: 'parked runs are rechecked again',
  })
  let spacedUntil = clock.now()
  return startLoop({
    every: pollMilliseconds,
    clock,
    async work() {
      const resumed = await store.resumeChanged()
      if (resumed > 0) log.info({ runs: resumed }, 'parked runs resume, since their connection has changed')
      const mayTakeAny = clock.now() >= spacedUntil
      const recheck = await store.claim(mayTakeAny ? 'any' : 'signalled')
      outage.worked()
      if (recheck === undefined) return undefined
      await performRecheck(deps, recheck)
      if (!recheck.signalled) spacedUntil = new Date(clock.now().getTime() + spacingMilliseconds)
      return 0
    },
    onError: (error) => outage.failed(error),
  })
}
