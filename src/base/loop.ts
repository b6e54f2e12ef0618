/** The only poll loop: work that a process repeats until it stops. */
import type { Clock } from './clock.ts'

export interface Loop {
  /** Runs the work now, or once more as soon as the work under way has ended. */
  readonly wake: () => void
  /** Starts no more work, and waits for the work under way: without limit, or at most the given number of seconds. */
  stop(graceSeconds?: number): Promise<void>
}

export interface LoopOptions {
  /** Milliseconds between the end of the work and its next start. */
  readonly every: number
  readonly clock: Clock
  /**
   * Resolves to the number of milliseconds to wait this time; undefined: `every`; 0: no wait. The signal aborts when the
   * loop is stopped.
   */
  readonly work: (stopping: AbortSignal) => Promise<number | undefined>
  /** The work failed. The loop repeats it after the usual wait. */
  readonly onError: (error: unknown) => void
}

/** Starts the work at once. */
export function startLoop({ every, clock, work, onError }: LoopOptions): Loop {
  const stopping = new AbortController()
  let woken = new AbortController()
  const wake = () => woken.abort()

  async function workOnce(): Promise<number> {
    try {
      return (await work(stopping.signal)) ?? every
    } catch (error) {
      onError(error)
      return every
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const pause = await workOnce()
      if (pause > 0 && !woken.signal.aborted) await clock.sleep(pause, woken.signal)
      woken = new AbortController()
    }
  }

  const ended = run()
  return {
    wake,
    async stop(graceSeconds) {
      stopping.abort()
      wake()
      if (graceSeconds === undefined) return ended
      const grace = new AbortController()
      await Promise.race([ended, clock.sleep(graceSeconds * 1000, grace.signal)])
      grace.abort()
    },
  }
}
