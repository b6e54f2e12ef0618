/**
 * Answers that are no longer small share a bounded number of places in a process while they arrive and are read, as large bodies of
 * webhooks do. Who finds none waits, its connection paused, within the time of its call; and one origin never has all of them.
 * Reading one keeps the process from everything else, so an origin rests afterwards: however many runs ask it, the others get on.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'

import type { Clock } from '../base/clock.ts'

/** Up to here an answer needs no place: nearly all are smaller. */
export const smallAnswer = 16 * 1024
const usualPlaces = 16
const usualEach = 4
/** A place is of no use to its origin for so many times as long as its answer took to read: four of them take a fifth of the process. */
const restsTimes = 20
const mostRestMilliseconds = 1000
/** To receive them takes as long, whatever becomes of them. */
const bytesInMillisecond = 100 * 1024

export interface AnswerPlaces {
  /** `waits`: there is none yet, and `granted` is called once there is. */
  take(origin: string, granted: () => void): AnswerPlace & { readonly waits: boolean }
}

export interface AnswerPlace {
  /** All of the answer that is wanted is here, and is read now. */
  readonly arrived: (bytes: number) => void
  /** Gives it back, or no longer waits for it. */
  readonly leave: () => void
}

export interface AnswerPlacesOptions {
  readonly clock: Clock
  /** Nothing rests any longer. */
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
    const own = [...taken, ...resting].filter((one) => one.origin === origin).length
    return taken.size < places && own < each
  }

  function grantWhatMayGo(): void {
    for (const one of [...waiting]) {
      if (!mayGo(one)) continue
      waiting.delete(one)
      taken.add(one)
      one.granted()
    }
  }

  async function rest(one: Asking, { at, bytes }: Arrived): Promise<void> {
    resting.add(one)
    // What is made of the answer at once is made by then.
    await nextTurn()
    const took = clock.now().getTime() - at + bytes / bytesInMillisecond
    await clock.sleep(Math.min(restsTimes * took, mostRestMilliseconds), closing)
    resting.delete(one)
    grantWhatMayGo()
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
          grantWhatMayGo()
        },
      }
    },
  }
}
