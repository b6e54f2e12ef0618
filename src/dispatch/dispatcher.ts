/**
 * The runs of stored events begin after the answer: at once after a quiet moment, and at load in batches, so that webhooks come
 * first. What another process has left behind is found by the poll.
 */
import { type Clock, noLongerNeeded } from '../base/clock.ts'
import type { Arrivals, Quotas } from '../intake/ports.ts'
import { type Log, safeError } from '../observe/log.ts'
import { createOutage } from '../observe/outage.ts'

const pollMilliseconds = 10_000
const againMilliseconds = 1_000
/** After so many events. At most 2,000 a second begin then, far more than one process works on. */
const pauseMilliseconds = (events: number) => Math.min(100, 10 + events / 2)

export interface BeginnerDeps {
  readonly arrivals: Arrivals
  readonly quotas: Pick<Quotas, 'release'>
  readonly clock: Clock
  readonly log: Log
}

export interface Beginner {
  /** There are new arrivals. */
  wake(): void
  /** Begins what has arrived by now, unless the database is away. */
  stop(): Promise<void>
}

/** For a process that stays. It looks at once: a process before it may have died. */
export function startBeginner({ arrivals, quotas, clock, log }: BeginnerDeps): Beginner {
  const outage = createOutage(log, {
    clock,
    began: 'the runs of stored events cannot begin; trying again every second',
    over: 'the runs of stored events begin again',
  })
  const stopping = new AbortController()
  let wakeUp = new AbortController()
  let releaseAt = clock.now().getTime()

  async function beginSome(): Promise<{ readonly events: number; readonly next: 'more' | 'told' | 'again' }> {
    try {
      const { events, more } = await arrivals.begin()
      const released = await releaseSome()
      outage.worked()
      return { events: events.length, next: more || released ? 'more' : 'told' }
    } catch (error) {
      outage.failed(error)
      return { events: 0, next: 'again' }
    }
  }

  /** What was deferred: after each poll, and at once while there is more of it and room. */
  async function releaseSome(): Promise<boolean> {
    const now = clock.now().getTime()
    if (now < releaseAt || stopping.signal.aborted) return false
    const released = await quotas.release()
    if (!released) releaseAt = now + pollMilliseconds
    return released
  }

  async function keepBeginning(): Promise<void> {
    while (!stopping.signal.aborted) {
      const { events, next } = await beginSome()
      if (events > 0) await clock.sleep(pauseMilliseconds(events), stopping.signal)
      if (next === 'more') continue
      const signals = next === 'told' ? [wakeUp.signal, stopping.signal] : [stopping.signal]
      await clock.sleep(next === 'told' ? pollMilliseconds : againMilliseconds, AbortSignal.any(signals))
      wakeUp = new AbortController()
    }
    while ((await beginSome()).next === 'more');
  }

  const ended = keepBeginning()
  return {
    // The answers of this turn of the event loop leave first.
    wake: () => void setImmediate(() => wakeUp.abort(noLongerNeeded)),
    async stop() {
      stopping.abort()
      await ended
    },
  }
}

/** For a process that ends or is frozen after its answer. What fails here, a process that stays begins later. */
export async function beginAll({ arrivals, log }: Pick<BeginnerDeps, 'arrivals' | 'log'>): Promise<void> {
  try {
    while ((await arrivals.begin()).more);
  } catch (error) {
    log.warn(safeError(error), 'the runs of stored events begin later')
  }
}
