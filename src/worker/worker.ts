/**
 * The worker of one process: takes jobs as slots free, keeps their heartbeat, settles each try, and hands back on a
 * stop what it cannot finish. Woken by notification; the poll is the safety net.
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
  /** How many runs at once. */
  readonly concurrency: number
  /** Names this process in runs that it holds, so that a restart on the same machine can tell that it is gone. */
  readonly name: string
  /** True while webhooks come in to this process: replays then get out of the way. Default: never. */
  readonly receiving?: (() => boolean) | undefined
  readonly onSettled?: (run: ClaimedRun, settlement: Settlement) => void
}

export interface Worker {
  /** Look for jobs now. */
  wake(): void
  /** Resolves as soon as there is nothing to take and nothing under way. */
  idle(): Promise<void>
  /** Takes nothing more, waits up to so many seconds for what is under way, then hands the rest back. How many. */
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
    // Asked to stop, or to let a run be alone, while these were being fetched: nobody would wait for them.
    if (stopping.aborted || solitude.isWanted()) await handBack(deps, jobs)
    else for (const job of jobs) start(deps, inFlight, { job, freed: taking.wake, handedBack, solitude })
    if (inFlight.size === 0 && healthy) idle.tell()
    // That was all that may be taken now: again as soon as a slot frees, otherwise when told or by the poll.
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

/** Something that happens again and again, for whoever waits for its next time after having asked for it. */
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

/** How many were not finished, and handed back. */
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

/** When even that cannot be written, the heartbeat stops and the jobs are handed out again a little later. */
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
    // Its calls were cut off as this process ended, and another worker may start it at once: it does not have to wait.
    if (isHandedBack() && settlement.state === 'waiting') return
    if (await runs.settle(run.lease, job, settlement)) onSettled?.(run, settlement)
    else logTakenOver(log, job)
  } catch (error) {
    // All that it works with is being closed.
    if (isHandedBack())
      log.debug({ run: job.run, ...safeError(error) }, 'a try that was handed back has ended')
    else if (error instanceof LeaseLost) logTakenOver(log, job)
    else throw error
  }
}

function needsToBeAlone({ takeovers, diedAlone }: ClaimedRun): boolean {
  return takeovers >= takeoversUntilAlone && !diedAlone
}

/** Should the process end now, it was this run. */
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
