/**
 * Stored events are dispatched after their answer: at once when it is quiet, and in batches under load, so that webhooks come
 * first. The poll finds what another process has left behind.
 */
import type { Clock } from '../base/clock.ts'
import { startLoop } from '../base/loop.ts'
import type { Inbox, Quotas } from '../intake/ports.ts'
import { type Log, safeError } from '../observe/log.ts'
import { createOutage } from '../observe/outage.ts'

const pollMilliseconds = 10_000
const retryMilliseconds = 1_000
/** The pause after a batch. At most 2,000 events a second are dispatched, far more than one process works on. */
const pauseMilliseconds = (events: number) => Math.min(100, 10 + events / 2)

export interface DispatcherDeps {
  readonly inbox: Inbox
  readonly quotas: Pick<Quotas, 'release'>
  readonly clock: Clock
  readonly log: Log
}

export interface Dispatcher {
  /** There are new events in the inbox. */
  wake(): void
  /** Dispatches what has arrived by now, unless the database is away. */
  stop(): Promise<void>
}

/** For a process that stays. It polls at once: an earlier process may have died. */
export function startDispatcher({ inbox, quotas, clock, log }: DispatcherDeps): Dispatcher {
  const outage = createOutage(log, {
    clock,
    began: 'stored events cannot be dispatched; trying again every second',
    over: 'stored events are dispatched again',
  })
  let releaseAt = clock.now().getTime()

  async function dispatchSome(stopping?: AbortSignal): Promise<Awaited<ReturnType<Inbox['dispatch']>>> {
    const { events, more } = await inbox.dispatch()
    const released = stopping?.aborted === false && (await releaseSome())
    outage.worked()
    return { events, more: more || released }
  }

  /** Releases deferred events: after each poll, and at once while more of them have room. */
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
        // However many webhooks arrive in the meantime.
        await clock.sleep(retryMilliseconds, stopping)
        return 0
      }
    },
    onError: (error) => outage.failed(error),
  })
  return {
    // The answers of this turn of the event loop go first.
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

/** For a process that ends or is frozen after its answer. What fails here is dispatched later by a process that stays. */
export async function dispatchAll({ inbox, log }: Pick<DispatcherDeps, 'inbox' | 'log'>): Promise<void> {
  try {
    while ((await inbox.dispatch()).more);
  } catch (error) {
    log.warn(safeError(error), 'stored events are dispatched later')
  }
}
