/**
 * What wakes the parts of a process. Made first, and handed to whoever has news and to whoever waits for them; what other
 * processes have told through PostgreSQL comes in here as well.
 */
import { randomBytes } from 'node:crypto'

/** Told to all processes: these are channels of PostgreSQL. */
export type SharedWakeUp = 'runs_due' | 'rechecks_due' | 'tenants_changed'
/** `inbox`: events were stored by this process, and their runs are to begin. */
export type WakeUp = SharedWakeUp | 'inbox'

export interface WakeUps {
  /** Names this process in the notifications that it sends. */
  readonly origin: string
  on(wakeUp: WakeUp, listener: () => void): void
  /** Wakes whoever waits for it in this process. */
  tell(wakeUp: WakeUp): void
  /** A notification came. One of this process's own wakes nobody: it was told here before it was sent. */
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
