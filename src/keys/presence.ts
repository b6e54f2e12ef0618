/** A process says again and again that it lives and which keys it has, until it stops. */
import type { Clock } from '../base/clock.ts'
import { startLoop } from '../base/loop.ts'
import { type Log, safeError } from '../observe/log.ts'
import type { LiveProcess, ProcessStore } from './ports.ts'

const everySeconds = 30
/** One that was killed counts as living for so long. */
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
    // Readiness tells of a database that is away; here it only ages.
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
