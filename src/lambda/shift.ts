/** One invocation of the work function: takes runs until none is due or its time is nearly over, and leaves nothing behind. */
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
import { pruneWhatIsDue } from '../privacy/pruner.ts'
import { performDueSweep } from '../sweeps/sweeper.ts'
import type { Worker } from '../worker/worker.ts'
import { tellMetrics } from './metric-line.ts'

/** What Lambda tells an invocation of itself. */
export interface Invocation {
  readonly awsRequestId: string
  readonly functionName: string
  getRemainingTimeInMillis(): number
}

export interface ShiftReport {
  /** Runs that were due when it began. */
  readonly due: number
  readonly handedBack: number
  /** There is work left that another invocation should go on with at once. */
  readonly more: boolean
}

/** Many instances share a database: half of the runs at once talk to it at the same moment, and two others do. */
const poolSize = ({ workerConcurrency }: Config) => 2 + Math.ceil(workerConcurrency / 2)

/** A retry that is due within so many seconds is waited for: another invocation would find it only at the next minute. */
const waitSeconds = 15

/** Batches of finished work that one invocation prunes; the next one goes on. */
const mostBatches = 10

export async function workShift(
  config: Config,
  invocation: Invocation,
  { log, metricsLog }: { readonly log: Log; readonly metricsLog: Log },
): Promise<ShiftReport> {
  const ends = endsOf(invocation, systemClock)
  const store = await openStore(config, { log, supervise: true, poolSize: poolSize(config) })
  const metrics = openMetrics(store, log)
  // Of this invocation only: a connection to HiBob that was frozen would break in the middle of a call.
  const outbound = openOutbound(config, metrics)
  // The name of the invocation, which its log lines have too. Whether a process of the same machine is gone cannot be
  // told here: instances are copies of each other.
  const name = `lambda/${invocation.awsRequestId}`
  try {
    const aliveSeconds = Math.ceil(invocation.getRemainingTimeInMillis() / 1000)
    await store.processes.note({ name, role: 'worker', keys: store.sealer.keys }, aliveSeconds)
    const backlog = await store.backlog()
    if (backlog !== undefined) {
      const { due, oldestDueSeconds } = backlog
      tellMetrics(metricsLog, invocation.functionName, {
        DueRuns: due,
        OldestDueRunSeconds: oldestDueSeconds,
      })
    }
    await store.queue.supervise()
    const parts = { store, outbound, metrics, log, name, address: config.egressName }
    return { due: backlog?.due ?? 0, ...(await workUntil(ends, openWorker(config, parts), parts)) }
  } finally {
    // Cuts what is still under way; what was handed back is another worker's.
    await outbound.close()
    await closeInTime(store, invocation, log)
  }
}

interface Ends {
  /** From then on nothing more is taken, so that what is under way can finish. */
  readonly taking: Date
  /** From then on what is under way is handed back. */
  readonly handBack: Date
}

/** Most of the time is for taking; a short time limit is divided likewise. */
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
): Promise<Omit<ShiftReport, 'due'>> {
  const clock = systemClock
  const { inbox, quotas } = parts.store
  const until = (end: Date) => Math.max(0, end.getTime() - clock.now().getTime())
  const over = new AbortController()
  const swept = performDueSweep(sweeperDeps(parts), over.signal)
  const pruned = pruneWhatIsDue({ ...prunerDeps(parts), mostBatches }, over.signal)
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
    // What it finds missing becomes runs.
    await swept
    await pruned
    for (;;) {
      // An instance that has stored events may have been ended before their runs began.
      await dispatchAll({ inbox, log: parts.log })
      await parts.store.resumeChanged()
      await worker.idle()
      // What has ended by now may have made room for what was deferred.
      if (await quotas.release()) continue
      const seconds = await parts.store.nextDueInSeconds()
      if (seconds === undefined || seconds > waitSeconds) return true
      // Never at once: a job that is due and that another instance holds is none that this one could take.
      await clock.sleep(Math.max(seconds, 0.2) * 1000, over.signal)
      if (over.signal.aborted) return false
    }
  }
}

/** A database that is away is not waited for: the time limit would end the process, and count as a failure of ours. */
async function closeInTime(store: Store, invocation: Invocation, log: Log): Promise<void> {
  try {
    await within(store.close(), Math.max(0, invocation.getRemainingTimeInMillis() - 1_000))
  } catch (error) {
    log.warn(safeError(error), 'the database was not closed in time')
  }
}
