/**
 * How many answers of 401 and 403 came of late, of one credential or from one host: HiBob's firewall blocks a credential, and for
 * 401 the address that it is called from, after fifty in ten seconds. Several processes may share both, so one stays far below.
 * https://apidocs.hibob.com/reference/rate-limiting
 */
import type { Clock } from '../base/clock.ts'

const windowMilliseconds = 10_000
/** From here on nothing is sent until the window has room again. */
export const restsFrom = 10
/** Refusals of the window, and calls under way that may all be refused, are together never more. */
export const mostRefusals = 20

export interface RefusalRate {
  /** Not before then. */
  exhaustedUntil(): Date | undefined
  /** False: were all refused that are under way, one more would be too many. */
  mayBegin(): boolean
  start(): void
  end(): void
  refused(): void
  /** There is nothing to remember. */
  isIdle(): boolean
}

export function createRefusalRate(clock: Clock): RefusalRate {
  let refusals: readonly number[] = []
  let inFlight = 0

  function ofLate(): readonly number[] {
    const since = clock.now().getTime() - windowMilliseconds
    if (refusals.length > 0) refusals = refusals.filter((at) => at > since)
    return refusals
  }

  return {
    exhaustedUntil() {
      const last = ofLate().at(-restsFrom)
      return last === undefined ? undefined : new Date(last + windowMilliseconds)
    },
    mayBegin: () => ofLate().length + inFlight < mostRefusals,
    start() {
      inFlight++
    },
    end() {
      inFlight--
    },
    refused() {
      refusals = [...ofLate(), clock.now().getTime()]
    },
    isIdle: () => inFlight === 0 && ofLate().length === 0,
  }
}
