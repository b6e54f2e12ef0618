/**
 * Wakes the parts of a process. Created first, and passed to those that announce and those that listen; notifications of other
 * processes through PostgreSQL arrive here as well.
 */
import { randomBytes } from 'node:crypto'

/** Sent to all processes: these are channels of PostgreSQL. */
export type SharedWakeUp = 'runs_due' | 'rechecks_due' | 'tenants_changed'
/** `inbox`: this process has stored events that are to be dispatched. */
export type WakeUp = SharedWakeUp | 'inbox'

export interface WakeUps {
  /** Names this process in the notifications that it sends. */
  readonly origin: string
  on(wakeUp: WakeUp, listener: () => void): void
  /** Calls the listeners of this process. */
  tell(wakeUp: WakeUp): void
  /** A notification arrived. One of this process's own is ignored: its listeners were called before it was sent. */
  readonly notified: (wakeUp: SharedWakeUp, origin: string) => void
}

export function createWakeUps(): WakeUps {
  const origin = randomBytes(8).toString('hex')
  const listeners = new Map<WakeUp, (() => void)[]>()
  const tell: WakeUps['tell'] = (wakeUp) => {
    for (const listener of listeners.get(wakeUp) ?? []) listener()
  }
  return {
    origin,
    on(wakeUp, listener) {
      listeners.set(wakeUp, [...(listeners.get(wakeUp) ?? []), listener])
    },
    tell,
    notified(wakeUp, from) {
      if (from !== origin) tell(wakeUp)
    },
  }
}
