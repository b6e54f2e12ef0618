/**
 * The recent answers of 401 and 403 of one credential or host. HiBob's firewall blocks a credential, and for 401 the calling
 * address, after fifty in ten seconds. Several processes may share both, so each process stays far below.
 * https://apidocs.hibob.com/reference/rate-limiting
 */
import type { Clock } from '../base/clock.ts'

const windowMilliseconds = 10_000
/** From this number on, no call is sent until the window has room again. */
export const exhaustedFrom = 10
/** The most refusals of a window, counting calls under way as refused. */
export const mostRefusals = 20

export interface RefusalRate {
  /** No call before then. */
  exhaustedUntil(): Date | undefined
  /** False if one more call could exceed the maximum, should all calls under way be refused. */
  mayBegin(): boolean
  start(): void
  end(): void
  refused(): void
  /** True when it remembers nothing. */
  isIdle(): boolean
}

export function createRefusalRate(clock: Clock): RefusalRate {
  let refusals: readonly number[] = []
  let inFlight = 0

  function recent(): readonly number[] {
    const since = clock.now().getTime() - windowMilliseconds
    if (refusals.length > 0) refusals = refusals.filter((at) => at > since)
    return refusals
  }

  return {
    exhaustedUntil() {
      const last = recent().at(-exhaustedFrom)
      return last === undefined ? undefined : new Date(last + windowMilliseconds)
    },
    mayBegin: () => recent().length + inFlight < mostRefusals,
    start() {
      inFlight++
    },
    end() {
      inFlight--
    },
    refused() {
      refusals = [...recent(), clock.now().getTime()]
    },
    isIdle: () => inFlight === 0 && recent().length === 0,
  }
}
