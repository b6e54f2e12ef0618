/** A process reports regularly that it is alive and which keys it has, until it stops. */
import type { Clock } from '../base/clock.ts'
import { startLoop } from '../base/loop.ts'
import { type Log, safeError } from '../observe/log.ts'
import type { LiveProcess, ProcessStore } from './ports.ts'

const everySeconds = 30
/** How long a killed process still counts as alive. */
const aliveSeconds = 3 * everySeconds

export interface Presence {
  stop(): Promise<void>
}

export function startPresence({
  store,
  process,
  clock,
  log,
}: {
  readonly store: ProcessStore
  readonly process: LiveProcess
  readonly clock: Clock
  readonly log: Log
}): Presence {
  const loop = startLoop({
    every: everySeconds * 1000,
    clock,
    async work() {
      await store.note(process, aliveSeconds)
      return undefined
    },
    // Readiness reports a missing database; here the entry only ages.
    onError: (error) => log.debug(safeError(error), 'this process could not say that it lives'),
  })
  return {
    async stop() {
      await loop.stop()
      try {
        await store.remove(process.name)
      } catch (error) {
        log.debug(safeError(error), 'this process could not say that it stops')
      }
    },
  }
}
