/** The queue in memory: the twin of src/queue/store/queue.ts with pg-boss and its supervision behind it. */
import { secondsAfter } from '../../../src/base/clock.ts'
import type { ConnectionId, RunId } from '../../../src/base/ids.ts'
import type { Job, JobQueue } from '../../../src/queue/ports.ts'
import type { MemoryDatabase, StoredJob } from './database.ts'

export interface MemoryJobToSend {
  readonly run: RunId
  readonly turn: number
  readonly connection: ConnectionId
  readonly at?: Date
  readonly replay?: boolean
}

export interface MemoryQueue extends JobQueue {
  /** Part of the caller's transaction. */
  send(jobs: readonly MemoryJobToSend[]): void
  /** Part of the caller's transaction. Touches nothing when the job is no longer this worker's. */
  complete(job: Job): void
  /** Whether this delivery of the job is out and its heartbeat goes on. */
  isHeld(job: Job): boolean
  /** When a job can be fetched next, by its time or because its worker has fallen silent; undefined: never. */
  nextDue(): Date | undefined
}

/** As src/queue/store/queue.ts makes the queue. */
const heartbeatSeconds = 10
const expireSeconds = 3600

export function createMemoryQueue(database: MemoryDatabase): MemoryQueue {
  const { jobs, clock } = database
  const held = ({ id, delivery }: Job): StoredJob | undefined => {
    const job = jobs.get(id)
    return job?.active === true && job.delivery === delivery ? job : undefined
  }
  return {
    async fetch(count, { except = [], only } = {}) {
      const wanted = (job: StoredJob) =>
        !except.includes(job.connection) && (only === undefined || job.replay === (only === 'replays'))
      const now = clock.now()
      return [...jobs.values()]
        .filter((job) => dueAt(job) <= now && wanted(job))
        .sort((a, b) => Number(a.replay) - Number(b.replay) || a.number - b.number)
        .slice(0, count)
        .map((job) => handOut(job, now))
    },
    async touch(touched) {
      for (const job of touched) {
        const stored = held(job)
        if (stored !== undefined) stored.heartbeatAt = clock.now()
      }
    },
    async drop(job) {
      if (held(job) !== undefined) jobs.delete(job.id)
    },
    async handBack(returned) {
      for (const job of returned) {
        const stored = held(job)
        if (stored !== undefined) Object.assign(stored, { active: false, startAfter: clock.now() })
      }
      for (const tell of database.told.work) tell()
    },
    send(sent) {
      const now = clock.now()
      for (const { run, turn, connection, at = now, replay = false } of sent) {
        const number = jobs.size === 0 ? 1 : Math.max(...[...jobs.values()].map((job) => job.number)) + 1
        const id = database.nextId('job')
        jobs.set(id, {
          id,
          number,
          run,
          turn,
          connection,
          replay,
          startAfter: at,
          active: false,
          delivery: undefined,
          startedAt: now,
          heartbeatAt: now,
        })
      }
      if (sent.some(({ at }) => at === undefined)) for (const tell of database.told.work) tell()
    },
    complete(job) {
      if (held(job) !== undefined) jobs.delete(job.id)
    },
    isHeld(job) {
      const stored = held(job)
      return stored !== undefined && dueAt(stored) > clock.now()
    },
    nextDue() {
      const instants = [...jobs.values()].map((job) => dueAt(job).getTime())
      return instants.length === 0 ? undefined : new Date(Math.min(...instants))
    },
  }
}

/** A job that somebody has is due again when its heartbeat stops, or after an hour. */
function dueAt({ active, startAfter, heartbeatAt, startedAt }: StoredJob): Date {
  if (!active) return startAfter
  const silent = secondsAfter(heartbeatAt, heartbeatSeconds)
  const expired = secondsAfter(startedAt, expireSeconds)
  return silent < expired ? silent : expired
}

function handOut(job: StoredJob, now: Date): Job {
  const delivery = job.delivery === undefined ? 0 : job.delivery + 1
  Object.assign(job, { active: true, delivery, startedAt: now, heartbeatAt: now })
  const { id, run, turn, connection, replay } = job
  return { id, run, turn, connection, replay, delivery }
}
