/** One invocation of the work function: takes runs until none is due or its time is nearly over, and leaves nothing open. */
import { prunerDeps } from '../app/background.ts'
import { sweeperDeps } from '../app/background.ts'
import { openOutbound } from '../app/outbound.ts'
import { openMetrics } from '../app/service.ts'
import { openStore, type Store } from '../app/store.ts'
import { openWorker } from '../app/worker.ts'
import { type Clock, systemClock } from '../base/clock.ts'
import type { Config } from '../config/environment.ts'
import { dispatchAll } from '../dispatch/dispatcher.ts'
import { within } from '../http/within.ts'
import { type Log, safeError } from '../observe/log.ts'
import { pruneDueWork } from '../privacy/pruner.ts'
import { performDueSweep } from '../sweeps/sweeper.ts'
import type { Worker } from '../worker/worker.ts'
import { logMetrics } from './metric-line.ts'

/** Lambda's context of an invocation. */
export interface Invocation {
  readonly awsRequestId: string
  readonly functionName: string
  getRemainingTimeInMillis(): number
}

export interface WorkReport {
  /** Runs that were due at the start. */
  readonly due: number
  readonly handedBack: number
  /** Work is left for another invocation at once. */
  readonly more: boolean
}

/** Many instances share a database: runs share most of their statements, and two other tasks use it. */
const poolSize = ({ workerConcurrency }: Config) => 2 + Math.ceil(workerConcurrency / 7)

/** Waits for a retry that is due within this many seconds: another invocation would find it only at the next minute. */
const waitSeconds = 15

/** The most batches of finished work that one invocation prunes; the next one continues. */
const mostBatches = 10

export async function performInvocation(
  config: Config,
  invocation: Invocation,
  { log, metricsLog }: { readonly log: Log; readonly metricsLog: Log },
): Promise<WorkReport> {
  const ends = endsOf(invocation, systemClock)
  const store = await openStore(config, { log, supervise: true, poolSize: poolSize(config) })
  const metrics = openMetrics(store, log)
  // For this invocation only: a frozen connection to HiBob would break in the middle of a call.
  const outbound = openOutbound(config, metrics)
  // The id of the invocation, which its log lines have too. Whether another process of the machine is dead cannot be
  // known here: instances are copies of each other.
  const name = `lambda/${invocation.awsRequestId}`
  try {
    const aliveSeconds = Math.ceil(invocation.getRemainingTimeInMillis() / 1000)
    await store.processes.note({ name, role: 'worker', keys: store.sealer.keys }, aliveSeconds)
    const backlog = await store.backlog()
    if (backlog !== undefined) {
      const { due, oldestDueSeconds } = backlog
      logMetrics(metricsLog, invocation.functionName, {
        DueRuns: due,
        OldestDueRunSeconds: oldestDueSeconds,
      })
    }
    await store.queue.supervise()
    const parts = { store, outbound, metrics, log, name, address: config.egressName }
    return { due: backlog?.due ?? 0, ...(await workUntil(ends, openWorker(config, parts), parts)) }
  } finally {
    // Aborts what is still under way; runs that were handed back belong to another worker.
    await outbound.close()
    await closeInTime(store, invocation, log)
  }
}

interface Ends {
  /** After this, no more runs are taken, so that current ones can finish. */
  readonly taking: Date
  /** After this, current runs are handed back. */
  readonly handBack: Date
}

/** Most of the time is for taking runs; a short time limit is divided alike. */
function endsOf(invocation: Invocation, clock: Clock): Ends {
  const now = clock.now().getTime()
  const all = invocation.getRemainingTimeInMillis()
  return {
    taking: new Date(now + all - Math.min(60_000, all * 0.4)),
    handBack: new Date(now + all - Math.min(10_000, all * 0.2)),
  }
}

async function workUntil(
  ends: Ends,
  worker: Worker,
  parts: Parameters<typeof sweeperDeps>[0] & { readonly store: Store },
): Promise<Omit<WorkReport, 'due'>> {
  const clock = systemClock
  const { inbox, quotas } = parts.store
  const until = (end: Date) => Math.max(0, end.getTime() - clock.now().getTime())
  const over = new AbortController()
  const swept = performDueSweep(sweeperDeps(parts), over.signal)
  const pruned = pruneDueWork({ ...prunerDeps(parts), mostBatches }, over.signal)
  const timeIsOver = clock.sleep(until(ends.taking), over.signal).then(() => false)
  let finished = false
  let handedBack = 0
  try {
    finished = await Promise.race([allDone(), timeIsOver])
  } finally {
    over.abort()
    handedBack = await worker.stop(until(ends.handBack) / 1000)
  }
  return { handedBack, more: !finished || handedBack > 0 }

  async function allDone(): Promise<boolean> {
    // The hires that the sweep finds become runs.
    await swept
    await pruned
    for (;;) {
      // An instance may have ended between storing events and dispatching them.
      await dispatchAll({ inbox, log: parts.log })
      await parts.store.resumeChanged()
      await worker.idle()
      // Runs that have ended may have made room for deferred events.
      if (await quotas.release()) continue
      const seconds = await parts.store.nextDueInSeconds()
      if (seconds === undefined || seconds > waitSeconds) return true
      // Never at once: a due job that another instance holds cannot be taken here.
      await clock.sleep(Math.max(seconds, 0.2) * 1000, over.signal)
      if (over.signal.aborted) return false
    }
  }
}

/** Does not wait for a database that is away: the time limit would end the process, and count as our failure. */
async function closeInTime(store: Store, invocation: Invocation, log: Log): Promise<void> {
  try {
    await within(store.close(), Math.max(0, invocation.getRemainingTimeInMillis() - 1_000))
  } catch (error) {
    log.warn(safeError(error), 'the database was not closed in time')
  }
}
