/** Answers that integrations asked to keep for a while, per connection, in this process only. */
import type { Clock } from '../base/clock.ts'
import type { ConnectionId } from '../base/ids.ts'
import type { CachedRead } from './context.ts'

/** Enough for a few lists of some hundred connections; the oldest go first. */
const mostEntries = 2000

interface Entry {
  readonly until: number
  readonly answer: Promise<unknown>
}

export function createCachedReads(clock: Clock): (connection: ConnectionId) => CachedRead {
  const entries = new Map<string, Entry>()
  return (connection) =>
    <T>(key: string, seconds: number, read: () => Promise<T>) => {
      const name = `${connection} ${key}`
      const now = clock.now().getTime()
      const kept = entries.get(name)
      // One key is always read by one function of one integration, so the kept answer has its type.
      if (kept !== undefined && kept.until > now) return kept.answer as Promise<T>

      const answer = read()
      entries.delete(name)
      entries.set(name, { until: now + seconds * 1000, answer })
      const [oldest] = entries.keys()
      if (entries.size > mostEntries && oldest !== undefined) entries.delete(oldest)
      // A failure is told to those who wait for it and is not kept.
      answer.catch(() => {
        if (entries.get(name)?.answer === answer) entries.delete(name)
      })
      return answer
    }
}
