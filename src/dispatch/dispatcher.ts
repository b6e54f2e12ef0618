/**
 * The runs of stored events begin after the answer: at once after a quiet moment, and at load in batches, so that webhooks come
 * first. What another process has left behind is found by the poll.
 */
import type { Clock } from '../base/clock.ts'
import { startLoop } from '../base/loop.ts'
import type { Inbox, Quotas } from '../intake/ports.ts'
import { type Log, safeError } from '../observe/log.ts'
import { createOutage } from '../observe/outage.ts'

const pollMilliseconds = 10_000
const againMilliseconds = 1_000
/** After so many events. At most 2,000 a second begin then, far more than one process works on. */
const pauseMilliseconds = (events: number) => Math.min(100, 10 + events / 2)

export interface DispatcherDeps {
  readonly inbox: Inbox
  readonly quotas: Pick<Quotas, 'release'>
  readonly clock: Clock
  readonly log: Log
}

export interface Dispatcher {
  /** There are new inbox. */
  wake(): void
  /** Begins what has arrived by now, unless the database is away. */
  stop(): Promise<void>
}

/** For a process that stays. It rechecks at once: a process before it may have died. */
export function startDispatcher({ inbox, quotas, clock, log }: DispatcherDeps): Dispatcher {
  const outage = createOutage(log, {
    clock,
    began: 'the runs of stored events cannot begin; trying again every second',
    over: 'the runs of stored events begin again',
  })
  let releaseAt = clock.now().getTime()

  async function dispatchSome(stopping?: AbortSignal): Promise<Awaited<ReturnType<Inbox['dispatch']>>> {
    const { events, more } = await inbox.dispatch()
    const released = stopping?.aborted === false && (await releaseSome())
    outage.worked()
    return { events, more: more || released }
  }

  /** What was deferred: after each poll, and at once while there is more of it and room. */
  async function releaseSome(): Promise<boolean> {
    const now = clock.now().getTime()
    if (now < releaseAt) return false
    const released = await quotas.release()
    if (!released) releaseAt = now + pollMilliseconds
    return released
  }

  const loop = startLoop({
    every: pollMilliseconds,
    clock,
    async work(stopping) {
      try {
        const { events, more } = await dispatchSome(stopping)
        if (events.length > 0) await clock.sleep(pauseMilliseconds(events.length), stopping)
        return more ? 0 : undefined
      } catch (error) {
        outage.failed(error)
        // However many webhooks come meanwhile.
        await clock.sleep(againMilliseconds, stopping)
        return 0
      }
    },
    onError: (error) => outage.failed(error),
  })
  return {
    // The answers of this turn of the event loop leave first.
    wake: () => void setImmediate(loop.wake),
    async stop() {
      await loop.stop()
      try {
        while ((await dispatchSome()).more);
      } catch (error) {
        outage.failed(error)
      }
    },
  }
}

/** For a process that ends or is frozen after its answer. What fails here, a process that stays begins later. */
export async function dispatchAll({ inbox, log }: Pick<DispatcherDeps, 'inbox' | 'log'>): Promise<void> {
  try {
    while ((await inbox.dispatch()).more);
  } catch (error) {
    log.warn(safeError(error), 'the runs of stored events begin later')
  }
}
