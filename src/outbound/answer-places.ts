/**
 * Answers that are not small share a bounded number of places while they arrive and are read, as large webhook bodies do. An answer
 * without a place waits with its connection paused, within the time of its call; and one origin never has all places. Reading an
 * answer blocks the process, so its place stays reserved for a while afterwards: however many runs call one origin, others continue.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'

import type { Clock } from '../base/clock.ts'

/** An answer up to this size needs no place: nearly all are smaller. */
export const smallAnswer = 16 * 1024
const usualPlaces = 16
const usualEach = 4
/** How long a place stays reserved, as a multiple of the reading time: the four of an origin then take a fifth of the process. */
const restsTimes = 20
const mostRestMilliseconds = 1000
/** Receiving the bytes takes about as long, whatever is done with them. */
const bytesInMillisecond = 100 * 1024

export interface AnswerPlaces {
  /** `waits`: there is no place yet; `granted` is called once there is. */
  take(origin: string, granted: () => void): AnswerPlace & { readonly waits: boolean }
}

export interface AnswerPlace {
  /** The answer has arrived, and is read now. */
  readonly arrived: (bytes: number) => void
  /** Gives the place back, or stops waiting for it. */
  readonly leave: () => void
}

export interface AnswerPlacesOptions {
  readonly clock: Clock
  /** Ends all reservations. */
  readonly closing: AbortSignal
  readonly places?: number
  readonly each?: number
}

interface Asking {
  readonly origin: string
  readonly granted: () => void
}

interface Arrived {
  readonly at: number
  readonly bytes: number
}

export function createAnswerPlaces(options: AnswerPlacesOptions): AnswerPlaces {
  const { clock, closing, places = usualPlaces, each = usualEach } = options
  const taken = new Set<Asking>()
  const resting = new Set<Asking>()
  const waiting = new Set<Asking>()

  function mayGo({ origin }: Asking): boolean {
    const own = [...taken, ...resting].filter((other) => other.origin === origin).length
    return taken.size < places && own < each
  }

  function grantPlaces(): void {
    for (const asking of [...waiting]) {
      if (!mayGo(asking)) continue
      waiting.delete(asking)
      taken.add(asking)
      asking.granted()
    }
  }

  async function rest(asking: Asking, { at, bytes }: Arrived): Promise<void> {
    resting.add(asking)
    // By then, the answer's synchronous processing is done.
    await nextTurn()
    const took = clock.now().getTime() - at + bytes / bytesInMillisecond
    await clock.sleep(Math.min(restsTimes * took, mostRestMilliseconds), closing)
    resting.delete(asking)
    grantPlaces()
  }

  return {
    take(origin, granted) {
      const asking = { origin, granted }
      let arrived: Arrived | undefined
      const waits = !mayGo(asking)
      ;(waits ? waiting : taken).add(asking)
      return {
        waits,
        arrived(bytes) {
          arrived = { at: clock.now().getTime(), bytes }
        },
        leave() {
          waiting.delete(asking)
          if (!taken.delete(asking)) return
          if (arrived !== undefined) void rest(asking, arrived)
          grantPlaces()
        },
      }
    },
  }
}
