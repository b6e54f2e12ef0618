/**
 * Runs that have taken workers down get their attempts one after the other, each with no other run in its process:
 * docs/decisions/0046-the-memory-of-a-run.md
 */
import type { Job } from '../queue/ports.ts'

export interface Solitude {
  /** True while a run needs it: nothing else may start. */
  isWanted(): boolean
  /** Starts the work when all other jobs of this process have ended. */
  keep<T>(job: Job, work: () => Promise<T>): Promise<T>
}

export function createSolitude(inFlight: ReadonlyMap<Job, Promise<void>>): Solitude {
  const waiting = new Set<Job>()
  /** Resolves when another run needs it. That run waits for its turn, so nothing may wait for its end. */
  let joined = Promise.withResolvers<undefined>()
  let last: Promise<unknown> = Promise.resolve()

  async function othersEnded(): Promise<void> {
    for (;;) {
      const others = [...inFlight].filter(([job]) => !waiting.has(job)).map(([, ended]) => ended)
      if (others.length === 0) return
      await Promise.race([Promise.all(others), joined.promise])
    }
  }

  return {
    isWanted: () => waiting.size > 0,
    async keep(job, work) {
      waiting.add(job)
      joined.resolve(undefined)
      joined = Promise.withResolvers()
      const before = last
      const mine = (async () => {
        await before
        await othersEnded()
        return work()
      })()
      last = mine.catch(() => undefined)
      try {
        return await mine
      } finally {
        waiting.delete(job)
      }
    },
  }
}
