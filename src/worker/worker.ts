/**
 * The worker of one process: takes jobs when slots are free, sends their heartbeats, settles each attempt, and hands back unfinished
 * jobs when it stops. Woken by notification; the poll is the safety net.
 */
import type { Clock } from '../base/clock.ts'
import { type Loop, startLoop } from '../base/loop.ts'
import { type Log, safeError } from '../observe/log.ts'
import type { Job, JobQueue } from '../queue/ports.ts'
import { LeaseLost, type RunStore } from '../runs/ports.ts'
import { takeoversUntilAlone } from '../runs/retry-policy.ts'
import type { ClaimedRun, Settlement } from '../runs/run.ts'
import { createFairFetch } from './fair-fetch.ts'
import type { Perform } from './perform.ts'
import { createSolitude, type Solitude } from './solitude.ts'

const pollMilliseconds = 1000
const heartbeatMilliseconds = 3000
export interface WorkerDeps {
  readonly queue: JobQueue
  readonly runs: RunStore
  readonly perform: Perform
  readonly clock: Clock
  readonly log: Log
  /** The number of slots. */
  readonly concurrency: number
  /** Names this process in the runs that it holds, so that after a restart on the same machine they are known to be free. */
  readonly name: string
  /** True while webhooks arrive at this process: replays then give way. Default: never. */
  readonly receiving?: (() => boolean) | undefined
  readonly onSettled?: (run: ClaimedRun, settlement: Settlement) => void
}

export interface Worker {
  /** Polls for jobs now. */
  wake(): void
  /** Resolves when there is no job to take and none in progress. */
  idle(): Promise<void>
  /** Takes no more jobs, waits up to the given number of seconds for those in progress, and hands the rest back. Returns their number. */
  stop(graceSeconds: number): Promise<number>
  /** False while jobs cannot be fetched. */
  healthy(): boolean
}

export function startWorker(deps: WorkerDeps): Worker {
  const { queue, clock, log, concurrency, receiving = () => false } = deps
  const inFlight: InFlight = new Map()
  const solitude = createSolitude(inFlight)
  const handedBack = new Set<Job>()
  let healthy = true
  const idle = createMoment()
  const fair = createFairFetch(queue, { concurrency, clock, receiving })

  async function takeJobs(stopping: AbortSignal): Promise<number> {
    const free = solitude.isWanted() ? 0 : concurrency - inFlight.size
    const jobs = free > 0 ? await fetchJobs(free) : []
    // While these were fetched, the worker was asked to stop or to let a run be alone: nothing would wait for them.
    if (stopping.aborted || solitude.isWanted()) await handBack(deps, jobs)
    else for (const job of jobs) start(deps, inFlight, { job, freed: taking.wake, handedBack, solitude })
    if (inFlight.size === 0 && healthy) idle.tell()
    // No more can be taken now: fetch again when a slot is free, or else on a notification or the poll.
    return pauseUntil(fair.heldBackUntil(), clock)
  }

  async function fetchJobs(count: number): Promise<readonly Job[]> {
    const jobs = await fair.fetch(count, inFlight.keys())
    healthy = true
    return jobs
  }

  const taking = startLoop({
    every: pollMilliseconds,
    clock,
    work: takeJobs,
    onError(error) {
      if (healthy) log.error(safeError(error), 'cannot fetch jobs; trying again every second')
      healthy = false
    },
  })
  const beating = keepHeartbeats(deps, inFlight)
  const wake = () => {
    fair.news()
    taking.wake()
  }
  return {
    wake,
    healthy: () => healthy,
    idle: () => idle.after(wake),
    async stop(graceSeconds) {
      await taking.stop()
      const late = await finishInTime(deps, { inFlight, handedBack }, graceSeconds)
      await beating.stop()
      return late
    },
  }
}

function pauseUntil(heldBackUntil: number | undefined, clock: Clock): number {
  const heldBackFor = (heldBackUntil ?? Infinity) - clock.now().getTime()
  return heldBackFor > 0 ? Math.min(heldBackFor, pollMilliseconds) : pollMilliseconds
}

/** A repeated event: `after` calls `ask` and resolves at the next occurrence. */
function createMoment(): { readonly after: (ask: () => void) => Promise<void>; readonly tell: () => void } {
  const waiting = new Set<() => void>()
  return {
    async after(ask) {
      const next = new Promise<void>((resolve) => waiting.add(resolve))
      ask()
      await next
    },
    tell() {
      for (const tell of waiting) tell()
      waiting.clear()
    },
  }
}

type InFlight = Map<Job, Promise<void>>

interface Started {
  readonly job: Job
  readonly solitude: Solitude
  readonly freed: () => void
  readonly handedBack: ReadonlySet<Job>
}

function start(deps: WorkerDeps, inFlight: InFlight, { job, freed, handedBack, solitude }: Started): void {
  const done = runJob(deps, job, { solitude, isHandedBack: () => handedBack.has(job) })
    .catch((error: unknown) =>
      deps.log.error({ run: job.run, ...safeError(error) }, 'a try could not be settled'),
    )
    .finally(() => {
      inFlight.delete(job)
      freed()
    })
  inFlight.set(job, done)
}

/** Returns the number of unfinished jobs that were handed back. */
async function finishInTime(
  deps: WorkerDeps,
  { inFlight, handedBack }: { readonly inFlight: InFlight; readonly handedBack: Set<Job> },
  graceSeconds: number,
): Promise<number> {
  const grace = new AbortController()
  await Promise.race([Promise.all(inFlight.values()), deps.clock.sleep(graceSeconds * 1000, grace.signal)])
  grace.abort()
  const late = [...inFlight.keys()]
  for (const job of late) handedBack.add(job)
  await handBack(deps, late)
  return late.length
}

function keepHeartbeats({ queue, clock, log }: WorkerDeps, inFlight: InFlight): Loop {
  return startLoop({
    every: heartbeatMilliseconds,
    clock,
    async work() {
      const jobs = [...inFlight.keys()]
      if (jobs.length > 0) await queue.touch(jobs)
      return undefined
    },
    onError: (error) => log.warn(safeError(error), 'heartbeat not written'),
  })
}

/** If this write fails too, the heartbeat stops, and the queue hands the jobs out again a little later. */
async function handBack({ queue, runs, log }: WorkerDeps, jobs: readonly Job[]): Promise<void> {
  if (jobs.length === 0) return
  await runs
    .letGo(jobs)
    .then(() => queue.handBack(jobs))
    .catch((error: unknown) => log.warn({ jobs: jobs.length, ...safeError(error) }, 'jobs not handed back'))
}

async function runJob(
  deps: WorkerDeps,
  job: Job,
  { solitude, isHandedBack }: { readonly solitude: Solitude; readonly isHandedBack: () => boolean },
): Promise<void> {
  const { runs, queue, perform, log, name, onSettled } = deps
  const run = await runs.claim(job, name)
  if (run === undefined) return queue.drop(job)
  log.debug({ run: job.run, attempt: run.attempt }, 'run started')
  try {
    const settlement = needsToBeAlone(run)
      ? await solitude.keep(job, () => performAlone(deps, run))
      : await perform(run)
    // Its calls were aborted because this process stops, so another worker may start it at once.
    if (isHandedBack() && settlement.state === 'waiting') return
    if (await runs.settle(run.lease, job, settlement)) onSettled?.(run, settlement)
    else logTakenOver(log, job)
  } catch (error) {
    // Everything that it uses is being closed.
    if (isHandedBack())
      log.debug({ run: job.run, ...safeError(error) }, 'a try that was handed back has ended')
    else if (error instanceof LeaseLost) logTakenOver(log, job)
    else throw error
  }
}

function needsToBeAlone({ takeovers, diedAlone }: ClaimedRun): boolean {
  return takeovers >= takeoversUntilAlone && !diedAlone
}

/** Marks this run as the cause in case the process dies now. */
async function performAlone({ runs, perform, log }: WorkerDeps, run: ClaimedRun): Promise<Settlement> {
  if (!(await runs.alone(run.lease))) throw new LeaseLost()
  log.warn(
    { run: run.lease.run, takeovers: run.takeovers },
    'a run whose workers died is tried with no other run at work',
  )
  return perform(run)
}

function logTakenOver(log: Log, job: Job): void {
  log.warn(
    { run: job.run, turn: job.turn },
    'another worker has taken this run over; what this one did is not recorded',
  )
}
