/** The job queue: pg-boss on our own pool, so that a job commits together with its rows. */
import type pg from 'pg'
import { type Job as FetchedJob, type JobAttempt, PgBoss } from 'pg-boss'

import { systemClock } from '../../base/clock.ts'
import type { RunId } from '../../base/ids.ts'
import { type Log, safeError } from '../../observe/log.ts'
import { createAnnouncements } from '../../postgres/announcements.ts'
import { inTransaction, type Queryable, queryable, type Transaction } from '../../postgres/transaction.ts'
import type { Job, JobQueue } from '../ports.ts'
import { createWakeUps, type SharedWakeUp, type WakeUps } from '../wake-ups.ts'

const queueName = 'runs'
const replayPriority = -10
const notifySql = 'select pg_notify($1, $2)'
export const wakeChannel: SharedWakeUp = 'runs_due'

export interface JobToSend {
  readonly run: RunId
  readonly turn: number
  /** Jobs of one connection are a group, so that a connection with many jobs does not hold up the others. */
  readonly connection: string
  /** Not before; unset: now. */
  readonly at?: Date
  /** The job of a replay: fresh hires go first. */
  readonly replay?: boolean
}

export interface Queue extends JobQueue {
  /** After the commit: wakes the listeners of this and all other processes, so that workers do not wait for their next poll. */
  announce(wakeUps: readonly SharedWakeUp[]): void
  /** In the caller's transaction. Does not notify workers: the caller announces the jobs after the commit. */
  insert(client: Queryable, jobs: readonly JobToSend[]): Promise<void>
  /** In the caller's transaction. Notifies workers at the commit. */
  send(client: Transaction, jobs: readonly JobToSend[]): Promise<void>
  /** Looks once for jobs of dead workers, as supervision does every few seconds in a process that stays. */
  supervise(): Promise<void>
  /** In the caller's transaction. Does not touch a job that no longer belongs to this worker. */
  complete(client: Queryable, jobs: readonly Job[]): Promise<void>
  close(): Promise<void>
}

interface JobData {
  readonly run: RunId
  readonly turn: number
  /** Missing in jobs of an older version. */
  readonly replay?: boolean
}

/** The key of the advisory lock for the start: any number that no other lock of ours uses. */
const startLock = 7_305_115

export interface QueueOptions {
  readonly supervise: boolean
  readonly log: Log
  /** Receives announcements at once, since notifications take a moment longer. Default: no local listeners. */
  readonly wakeUps?: WakeUps | undefined
  /** False: no timers run between calls, for a process that is frozen meanwhile. Default true. */
  readonly timers?: boolean | undefined
  /** How long a worker waits for an answer, in milliseconds: a server lost in a fail-over never gives one. Default 10,000. */
  readonly answerMilliseconds?: number | undefined
}

/** Installs or upgrades pg-boss's own schema, makes the queue, and starts its supervision when asked to. */
export async function openQueue(
  pool: pg.Pool,
  { supervise, log, wakeUps = createWakeUps(), timers = true, answerMilliseconds }: QueueOptions,
): Promise<Queue> {
  const boss = new PgBoss({
    // pg-boss's own upgrades and maintenance may take longer than a worker waits.
    db: adapter(queryable(pool, { atMost: 'none' })),
    schedule: false,
    supervise,
    superviseIntervalSeconds: 5,
    monitorIntervalSeconds: 5,
    // No job of ours waits for another job.
    flowIntervalSeconds: 24 * 3600,
    registerInstance: false,
  })
  boss.on('error', (error) => log.warn(safeError(error), 'queue supervision failed; it continues by itself'))
  await oneAtATime(pool, async () => {
    await startLogged(boss, log)
    await boss.createQueue(queueName, {
      // The engine decides about retries; pg-boss hands a job out again only when its worker died.
      retryLimit: 1000,
      retryDelay: 0,
      heartbeatSeconds: 10,
      expireInSeconds: 3600,
      retentionSeconds: 30 * 24 * 3600,
      deleteAfterSeconds: 3600,
    })
  })
  // Sending and fetching need the queues that it has read by now, not its timers.
  if (!timers) await boss.stop({ graceful: false, close: false })
  return createQueue(boss, { pool, answerMilliseconds, log, wakeUps })
}

/** Starting upgrades its tables, without a time limit: with many jobs that may take minutes. */
async function startLogged(boss: PgBoss, log: Log): Promise<void> {
  const from = (await boss.isInstalled()) ? await boss.schemaVersion() : null
  await boss.start()
  const to = await boss.schemaVersion()
  if (from !== to) log.info({ from, to }, 'the tables of the queue were upgraded')
}

/**
 * pg-boss creates its tables when it starts, and two concurrent starts on a new database fail. A process that waits releases
 * its connection: behind a pooler, waiting processes could hold all connections that the working one needs.
 */
async function oneAtATime(pool: pg.Pool, work: () => Promise<void>): Promise<void> {
  for (;;) {
    const done = await inTransaction(pool, async (transaction) => {
      const { rows } = await transaction.query<{ mine: boolean }>(
        'select pg_try_advisory_xact_lock($1) as mine',
        [startLock],
      )
      if (rows[0]?.mine !== true) return false
      await work()
      return true
    })
    if (done) return
    await systemClock.sleep(100)
  }
}

interface CreateOptions extends Pick<QueueOptions, 'log' | 'answerMilliseconds'> {
  readonly pool: pg.Pool
  readonly wakeUps: WakeUps
}

function createQueue(boss: PgBoss, given: CreateOptions): Queue {
  const { pool, answerMilliseconds: atMost, log, wakeUps } = given
  const client = queryable(pool, { atMost })
  const db = adapter(client)
  // pg-boss writes the count into the SQL text: if prepared, each count would be a statement in the server's memory.
  const fetching = adapter(queryable(pool, { atMost, prepare: false }))
  const insert = async (client: Queryable, jobs: readonly JobToSend[]) => {
    if (jobs.length > 0) await boss.insert(queueName, jobs.map(toRow), { db: adapter(client) })
  }
  const announcements = createAnnouncements(pool, { origin: wakeUps.origin, log })
  return {
    announce(all) {
      for (const wakeUp of all) wakeUps.tell(wakeUp)
      announcements.make(all)
    },
    async fetch(count, { except = [], only } = {}) {
      const jobs = await boss.fetch<JobData>(queueName, {
        batchSize: count,
        db: fetching,
        ignoreGroups: [...except],
        ...(only === 'fresh' && { minPriority: 0 }),
        ...(only === 'replays' && { maxPriority: replayPriority }),
      })
      return jobs.map(toJob)
    },
    async touch(jobs) {
      await boss.touch(queueName, jobs.map(toAttempt), { db })
    },
    async drop(job) {
      await boss.complete(queueName, toAttempt(job), null, { db })
    },
    async handBack(jobs) {
      await boss.fail(queueName, jobs.map(toAttempt), null, { db })
      await client.query(notifySql, [wakeChannel, ''])
    },
    insert,
    async send(client, jobs) {
      await insert(client, jobs)
      if (jobs.some((job) => job.at === undefined)) client.last(notifySql, [wakeChannel, ''])
    },
    supervise: () => boss.supervise(queueName),
    async complete(client, jobs) {
      if (jobs.length === 0) return
      await boss.complete(queueName, jobs.map(toAttempt), null, { db: adapter(client) })
    },
    async close() {
      await announcements.made()
      await boss.stop({ graceful: false, close: false })
    },
  }
}

function toRow({ run, turn, connection, at, replay = false }: JobToSend) {
  return {
    data: { run, turn, ...(replay && { replay }) },
    group: { id: connection },
    ...(at === undefined ? {} : { startAfter: at }),
    ...(replay && { priority: replayPriority }),
  }
}

function toJob({
  id,
  data: { run, turn, replay = false },
  retryCount: delivery,
  groupId,
}: FetchedJob<JobData>): Job {
  return { id, run, turn, connection: groupId ?? '', delivery, replay }
}

/** Id and delivery together: a worker that lost the job to another delivery changes nothing. */
function toAttempt({ id, delivery }: Job): JobAttempt {
  return { id, retryCount: delivery }
}

function adapter(client: Queryable) {
  return { executeSql: (text: string, values?: unknown[]) => client.query(text, values) }
}
