/**
 * Takes jobs so that connections share the slots of a process: first those that have less than their share, then the
 * others; and the last slots only for a connection that has none, so that it need not wait for a slow neighbour.
 */
import type { Clock } from '../base/clock.ts'
import type { Job, JobQueue } from './ports.ts'

/** For so long "nothing else is due" is believed, unless a notification says otherwise. */
const believedMilliseconds = 1000

export interface FairFetch {
  /** At most `free` jobs; fewer when only connections are left that have enough already. */
  fetch(free: number, inFlight: Iterable<Job>): Promise<readonly Job[]>
  /** New jobs have come. */
  news(): void
}

export function createFairFetch(
  queue: JobQueue,
  { concurrency, clock }: { readonly concurrency: number; readonly clock: Clock },
): FairFetch {
  const kept = concurrency < 2 ? 0 : Math.max(1, Math.floor(concurrency / 10))
  /** Beside these connections nothing was due a moment ago. */
  let alone: { readonly connections: ReadonlySet<string>; readonly until: number } | undefined
  let newsCount = 0

  async function ask(count: number, except: readonly string[]): Promise<readonly Job[]> {
    const now = clock.now().getTime()
    if (alone !== undefined && now < alone.until && alone.connections.isSubsetOf(new Set(except))) return []
    const newsBefore = newsCount
    const jobs = await queue.fetch(count, except)
    if (jobs.length < count && newsCount === newsBefore) {
      alone = { connections: new Set(except), until: now + believedMilliseconds }
    }
    return jobs
  }

  return {
    async fetch(free, inFlight) {
      const held = countByConnection(inFlight)
      const jobs: Job[] = []
      /** Up to so many in all, of connections that hold fewer than so many. */
      const take = async (most: number, fewerThan: number) => {
        if (jobs.length >= most) return
        const enough = [...held].filter(([, count]) => count >= fewerThan).map(([connection]) => connection)
        for (const job of await ask(most - jobs.length, enough)) {
          jobs.push(job)
          held.set(job.connection, (held.get(job.connection) ?? 0) + 1)
        }
      }
      const common = free - kept
      const others = held.size
      try {
        if (others > 0) await take(common, Math.ceil(concurrency / (others + 1)))
        if (others > 1) await take(common, Math.ceil(concurrency / others))
        await take(common, Infinity)
        await take(free, 1)
      } catch (error) {
        // What was taken is ours and must be started; the next fetch meets the same trouble and tells of it.
        if (jobs.length === 0) throw error
      }
      return jobs
    },
    news() {
      newsCount++
      alone = undefined
    },
  }
}

function countByConnection(jobs: Iterable<Job>): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { connection } of jobs) counts.set(connection, (counts.get(connection) ?? 0) + 1)
  return counts
}
