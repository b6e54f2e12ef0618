/** A cache of answers in this process: lists of a destination, jobs of a tenant. */
import type { Clock } from '../base/clock.ts'
import type { CachedRead } from './context.ts'

/** Enough for a few lists of some hundred connections; the oldest entries are dropped first. */
const mostEntries = 2000

interface Entry {
  readonly readAt: number
  readonly answer: Promise<unknown>
}

/** `scope`: their owner. `afresh`: each cached answer is read once more, for this reader and all later ones. */
export type CachedReads = (scope: string, options?: { readonly afresh: boolean }) => CachedRead

export function createCachedReads(clock: Clock): CachedReads {
  const entries = new Map<string, Entry>()

  function readAndKeep<T>(name: string, read: () => Promise<T>): Promise<T> {
    const answer = read()
    entries.delete(name)
    entries.set(name, { readAt: clock.now().getTime(), answer })
    const [oldest] = entries.keys()
    if (entries.size > mostEntries && oldest !== undefined) entries.delete(oldest)
    // A failure reaches all who wait for this read, and is not cached.
    answer.catch(() => {
      if (entries.get(name)?.answer === answer) entries.delete(name)
    })
    return answer
  }

  return (scope, { afresh } = { afresh: false }) => {
    const mine = new Set<string>()
    return <T>(key: string, seconds: number, read: () => Promise<T>) => {
      const name = `${scope} ${key}`
      const kept = entries.get(name)
      const counts = !afresh || mine.has(key)
      mine.add(key)
      // One key is always read by the same function of the same integration, so the cached answer has its type.
      const isYoung = kept !== undefined && kept.readAt + seconds * 1000 > clock.now().getTime()
      if (counts && isYoung) return kept.answer as Promise<T>
      return readAndKeep(name, read)
    }
  }
}
