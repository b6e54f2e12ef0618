/**
 * Takes jobs so that connections share the slots of a process: first for connections below their share, then for the others. The
 * last slots are reserved for connections that have none, so that they do not wait for slow ones. Replays give way to fresh hires:
 * while webhooks arrive, they start one by one, in a tenth of the slots.
 */
import type { Clock } from '../base/clock.ts'
import type { Choice, Job, JobQueue } from '../queue/ports.ts'

/** For this long after an empty answer the queue is not asked again, unless a notification arrives. */
const believedMilliseconds = 1000
/** The interval between starts of replays while webhooks arrive: ten a second are more than a destination with limits allows. */
const apartMilliseconds = 100

export interface FairFetch {
  /** At most `free` jobs; fewer when every remaining connection has its share. */
  fetch(free: number, inFlight: Iterable<Job>): Promise<readonly Job[]>
  /** Called when new jobs have arrived. */
  news(): void
  /** Until when replays are held back although slots are free; undefined: none are. */
  heldBackUntil(): number | undefined
}

export interface FairFetchOptions {
  readonly concurrency: number
  readonly clock: Clock
  /** True while webhooks arrive at this process. */
  readonly receiving: () => boolean
}

export function createFairFetch(
  queue: Pick<JobQueue, 'fetch'>,
  { concurrency, clock, receiving }: FairFetchOptions,
): FairFetch {
  const kept = concurrency < 2 ? 0 : Math.max(1, Math.floor(concurrency / 10))
  const slotsOfReplays = Math.max(1, Math.floor(concurrency / 10))
  const asking = askUntilNothing(queue, clock)
  let nextReplayAt = 0

  async function share(
    free: number,
    inFlight: Iterable<Job>,
    only?: Choice['only'],
  ): Promise<readonly Job[]> {
    const held = countByConnection(inFlight)
    const jobs: Job[] = []
    /** Up to the given number in all, for connections that hold fewer than the given number. */
    const take = async (most: number, fewerThan: number) => {
      if (jobs.length >= most) return
      const enough = [...held].filter(([, count]) => count >= fewerThan).map(([connection]) => connection)
      for (const job of await asking.ask(most - jobs.length, { only, except: enough })) {
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
      // The jobs taken so far must be started; the next fetch meets the same failure and reports it.
      if (jobs.length === 0) throw error
    }
    return jobs
  }

  return {
    news: () => asking.news(),
    heldBackUntil: () => (receiving() ? nextReplayAt : undefined),
    async fetch(free, inFlight) {
      const held = [...inFlight]
      if (!receiving()) return share(free, held)
      const fresh = await share(free, held, 'fresh')
      const replays = held.filter(({ replay }) => replay).length
      const now = clock.now().getTime()
      if (fresh.length >= free - kept || replays >= slotsOfReplays || now < nextReplayAt) return fresh
      nextReplayAt = now + apartMilliseconds
      try {
        return [...fresh, ...(await asking.ask(1, { only: 'replays' }))]
      } catch (error) {
        if (fresh.length === 0) throw error
        return fresh
      }
    },
  }
}

/** Remembers empty answers for a moment, so that the queue is not asked again for the same. */
function askUntilNothing(queue: Pick<JobQueue, 'fetch'>, clock: Clock) {
  let nothing: readonly { readonly choice: Choice; readonly until: number }[] = []
  let newsCount = 0

  async function ask(count: number, choice: Choice): Promise<readonly Job[]> {
    const now = clock.now().getTime()
    nothing = nothing.filter(({ until }) => now < until)
    if (nothing.some((before) => leavesNoMore(before.choice, choice))) return []
    const newsBefore = newsCount
    const jobs = await queue.fetch(count, choice)
    if (jobs.length < count && newsCount === newsBefore) {
      nothing = [...nothing.slice(-7), { choice, until: now + believedMilliseconds }]
    }
    return jobs
  }

  return {
    ask,
    news() {
      newsCount++
      nothing = []
    },
  }
}

/** Whether `now` excludes everything that `before` excluded, so that an empty answer then means an empty answer now. */
function leavesNoMore(before: Choice, now: Choice): boolean {
  if (before.only !== undefined && before.only !== now.only) return false
  return new Set(before.except).isSubsetOf(new Set(now.except))
}

function countByConnection(jobs: Iterable<Job>): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { connection } of jobs) counts.set(connection, (counts.get(connection) ?? 0) + 1)
  return counts
}
