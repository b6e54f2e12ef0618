/** The only source of time and timers, so that tests can drive them. */

export interface Clock {
  now(): Date
  /** Resolves after the given number of milliseconds, or at once when the signal aborts. */
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

export function secondsAfter(instant: Date, seconds: number): Date {
  return new Date(instant.getTime() + seconds * 1000)
}

export interface Recently {
  readonly note: () => void
  readonly recently: () => boolean
}

export function createRecently(clock: Clock, milliseconds: number): Recently {
  let until = -Infinity
  return {
    note: () => {
      until = clock.now().getTime() + milliseconds
    },
    recently: () => clock.now().getTime() < until,
  }
}

/** In the zone of this machine, for timelines and logs: `2026-11-30 20:24:55.123`. */
export function preciseMoment(at: Date): string {
  // Swedish writes dates as ISO 8601 does.
  const seconds = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium' }).format(at)
  return `${seconds}.${String(at.getMilliseconds()).padStart(3, '0')}`
}
