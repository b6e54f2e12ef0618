/**
 * The lifter of one process: takes looks that are due, one at a time and spread out, since Pinpoint counts calls per address
 * and runs come first. What an event has signalled is looked at at once. Woken by notification; the poll is the safety net.
 */
import type { Clock } from '../base/clock.ts'
import { createOutage } from '../observe/outage.ts'
import { type LookDeps, performLook } from './recheck.ts'

const pollMilliseconds = 5000
/**
 * After a look that nobody has signalled. Pinpoint allows 30 calls a minute over time, and a look makes two: so most of it is
 * left to runs, and however many runs are parked, looks do not come faster.
 */
const restMilliseconds = 10_000

export interface Lifter {
  /** Something is due now. */
  wake(): void
  /** Finishes the look that is under way, waiting at most so long. A look that is cut off is done again by another process. */
  stop(graceSeconds: number): Promise<void>
}

export function startLifter(deps: LookDeps & { readonly clock: Clock }): Lifter {
  const { store, clock, log } = deps
  const outage = createOutage(log, {
    clock,
    began: 'parked runs cannot be looked after; trying again',
    over: 'parked runs are looked after again',
  })
  const stopping = new AbortController()
  let wakeUp = new AbortController()
  const isStopping = () => stopping.signal.aborted

  let restsUntil = clock.now()

  /** False when nothing was due. */
  async function lookOnce(): Promise<boolean> {
    try {
      const rested = clock.now() >= restsUntil
      const look = await store.claim(rested ? 'any' : 'signalled')
      outage.worked()
      if (look === undefined) return false
      await performLook(deps, look)
      if (!look.signalled) restsUntil = new Date(clock.now().getTime() + restMilliseconds)
      return true
    } catch (error) {
      outage.failed(error)
      return false
    }
  }

  async function keepLooking(): Promise<void> {
    while (!isStopping()) {
      if (await lookOnce()) continue
      await clock.sleep(pollMilliseconds, AbortSignal.any([wakeUp.signal, stopping.signal]))
      wakeUp = new AbortController()
    }
  }

  const ended = keepLooking()
  return {
    wake: () => wakeUp.abort(),
    async stop(graceSeconds) {
      stopping.abort()
      const grace = new AbortController()
      await Promise.race([ended, clock.sleep(graceSeconds * 1000, grace.signal)])
      grace.abort()
    },
  }
}
