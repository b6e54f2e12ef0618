/** The only source of time and timers, so that tests can drive them. */

export interface Clock {
  now(): Date
  /** Resolves after so many milliseconds, or at once when the signal aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => new Date(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, milliseconds)
      if (signal?.aborted) done()
      else signal?.addEventListener('abort', done, { once: true })
    }),
}

/** For a bound that is hardly ever reached: no promise and no signal to pay for. What is returned cancels it. */
export function startTimer(milliseconds: number, ring: () => void): () => void {
  const timer = setTimeout(ring, milliseconds)
  return () => clearTimeout(timer)
}

/** Why a wait is over before its time. Given to `abort`, which makes an exception each time when it is given nothing. */
export const noLongerNeeded = Symbol('no longer needed')

export function secondsAfter(instant: Date, seconds: number): Date {
  return new Date(instant.getTime() + seconds * 1000)
}
