/** The sweeper of one process: queues the due sweeps and performs one at a time, whoever queued it. */
import type { Clock } from '../base/clock.ts'
import { type Loop, startLoop } from '../base/loop.ts'
import { type Log, safeError } from '../observe/log.ts'
import type { ClaimedSweep, DueSweeps, Handling, SweepStore } from './ports.ts'

/** Nobody waits for a sweep; an idle service should cost little. */
const usualPollSeconds = 15

/** Continues a sweep that this process holds. `stopping` hands it back. */
export type PerformSweep = (sweep: ClaimedSweep, stopping: AbortSignal) => Promise<unknown>

export interface SweeperDeps {
  readonly schedule: DueSweeps
  readonly store: Pick<SweepStore, 'claim'>
  readonly perform: PerformSweep
  readonly handling: Handling
  readonly clock: Clock
  readonly log: Log
  /** Names this process in its sweeps. It has one sweeper. */
  readonly worker: string
  /** True for a process that is certainly dead. */
  readonly isGone: (worker: string) => boolean
  /** Between two polls for a due sweep. Default 15. */
  readonly pollSeconds?: number | undefined
}

/** Stopping hands back the current sweep; another process continues it. */
export function startSweeper(deps: SweeperDeps): Loop {
  const { clock, pollSeconds = usualPollSeconds } = deps
  return startLoop({
    every: pollSeconds * 1000,
    clock,
    work: (stopping) => sweepOnce(deps, stopping),
    onError: (error) => logFailure(deps, error),
  })
}

/** For a process that does not stay. Performs at most one sweep. `stopping` hands it back. */
export async function performDueSweep(deps: SweeperDeps, stopping: AbortSignal): Promise<void> {
  await sweepOnce(deps, stopping).catch((error: unknown) => logFailure(deps, error))
}

async function sweepOnce(deps: SweeperDeps, stopping: AbortSignal): Promise<undefined> {
  const { store, schedule, perform, handling, worker, isGone, log } = deps
  // Also its own: before its first claim it holds only a sweep whose claim was answered, and the answer lost.
  const freed = await schedule.freeFromDead((name) => name === worker || isGone(name))
  if (freed > 0) log.info({ sweeps: freed }, 'sweeps of dead processes were handed on')
  await schedule.queueDue(handling)
  const sweep = await store.claim(worker)
  if (sweep !== undefined) await perform(sweep, stopping)
}

function logFailure({ log }: SweeperDeps, error: unknown): void {
  log.warn(safeError(error), 'due sweeps cannot be read; trying again')
}
