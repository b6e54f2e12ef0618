/**
 * Answers that are no longer small share a bounded number of places in a process while they arrive and are read, as large bodies of
 * webhooks do. Who finds none waits, its connection paused, within the time of its call; and one origin never has all of them.
 */

/** Up to here an answer needs no place: nearly all are smaller. */
export const smallAnswer = 64 * 1024
const usualPlaces = 16
const usualEach = 4

export interface AnswerPlaces {
  /** `waits`: there is none yet, and `granted` is called once there is. `leave` gives it back, or no longer waits for it. */
  take(origin: string, granted: () => void): { readonly waits: boolean; readonly leave: () => void }
}

interface Asking {
  readonly origin: string
  readonly granted: () => void
}

export function createAnswerPlaces(places = usualPlaces, each = usualEach): AnswerPlaces {
  const taken = new Set<Asking>()
  const waiting = new Set<Asking>()

  function mayGo({ origin }: Asking): boolean {
    const own = [...taken].filter((one) => one.origin === origin).length
    return taken.size < places && own < each
  }

  function grant(one: Asking): void {
    if (!mayGo(one)) return
    waiting.delete(one)
    taken.add(one)
    one.granted()
  }

  return {
    take(origin, granted) {
      const asking = { origin, granted }
      const waits = !mayGo(asking)
      ;(waits ? waiting : taken).add(asking)
      const leave = () => {
        waiting.delete(asking)
        if (!taken.delete(asking)) return
        for (const one of [...waiting]) grant(one)
      }
      return { waits, leave }
    },
  }
}
