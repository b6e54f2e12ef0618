/** Something that is opened once and kept over a freeze; opened again when it turns out to be dead afterwards. */
import { type Log, safeError } from '../observe/log.ts'

export interface Keepable {
  isAlive(): Promise<boolean>
  close(): Promise<void>
}

export interface WarmResource<T> {
  /** Throws what opening throws; the next call opens again. */
  get(): Promise<T>
}

export function createWarmResource<T extends Keepable>(open: () => Promise<T>, log: Log): WarmResource<T> {
  let kept: T | undefined
  let opening: Promise<T> | undefined

  async function reopen(): Promise<T> {
    try {
      kept = await open()
      return kept
    } finally {
      opening = undefined
    }
  }

  return {
    async get() {
      // Whoever gave up waiting left it under way.
      if (opening !== undefined) return opening
      if (kept !== undefined && (await kept.isAlive())) return kept
      // Not waited for: what no longer answers may not answer to a farewell either.
      kept?.close().catch((error: unknown) => log.debug(safeError(error), 'what was kept did not close'))
      kept = undefined
      opening = reopen()
      return opening
    },
  }
}
