/** A resource that is opened once and survives a freeze; opened again when it no longer works afterwards. */
import { type Log, safeError } from '../observe/log.ts'

export interface Closable {
  isAlive(): Promise<boolean>
  close(): Promise<void>
}

export interface WarmResource<T> {
  /** Throws what opening throws; the next call opens again. */
  get(): Promise<T>
}

export function createWarmResource<T extends Closable>(open: () => Promise<T>, log: Log): WarmResource<T> {
  let current: T | undefined
  let opening: Promise<T> | undefined

  async function reopen(): Promise<T> {
    try {
      current = await open()
      return current
    } finally {
      opening = undefined
    }
  }

  return {
    async get() {
      // A call that gave up waiting has left it under way.
      if (opening !== undefined) return opening
      if (current !== undefined && (await current.isAlive())) return current
      // Not awaited: a dead connection may not answer to its close either.
      current?.close().catch((error: unknown) => log.debug(safeError(error), 'a warm resource did not close'))
      current = undefined
      opening = reopen()
      return opening
    },
  }
}
