/** The sweeper of one process: queues the sweeps that are due and does one at a time, whoever queued it. */
import type { Clock } from '../base/clock.ts'
import { type Loop, startLoop } from '../base/loop.ts'
import { type Log, safeError } from '../observe/log.ts'
import type { ClaimedSweep, DueSweeps, Handling, SweepStore } from './ports.ts'

/** Nobody waits for a sweep; an idle service should cost little. */
const usualPollSeconds = 15

/** Goes on with a sweep that this process holds. `stopping` hands it back. */
export type PerformSweep = (sweep: ClaimedSweep, stopping: AbortSignal) => Promise<unknown>

export interface SweeperDeps {
  readonly schedule: DueSweeps
  readonly store: Pick<SweepStore, 'claim'>
  readonly perform: PerformSweep
  readonly handling: Handling
  readonly clock: Clock
  readonly log: Log
  /** Names this process in sweeps that it holds. It has one sweeper. */
  readonly worker: string
  /** True of a process that certainly runs no more. */
  readonly isGone: (worker: string) => boolean
  /** Between two looks for a sweep that is due. Default 15. */
  readonly pollSeconds?: number | undefined
}

/** Stopping it hands back the sweep that is under way; another process goes on where it is. */
export function startSweeper(deps: SweeperDeps): Loop {
  const { clock, pollSeconds = usualPollSeconds } = deps
  return startLoop({
    every: pollSeconds * 1000,
    clock,
    work: (stopping) => sweepOnce(deps, stopping),
    onError: (error) => logFailure(deps, error),
  })
}

/** For a process that does not stay. Does at most one sweep. `stopping` hands it back. */
export async function sweepWhatIsDue(deps: SweeperDeps, stopping: AbortSignal): Promise<void> {
  await sweepOnce(deps, stopping).catch((error: unknown) => logFailure(deps, error))
}

async function sweepOnce(deps: SweeperDeps, stopping: AbortSignal): Promise<undefined> {
  const { store, schedule, perform, handling, worker, isGone, log } = deps
  // Its own as well: before it has claimed one, it holds only what it does not know of, since an answer was lost.
  const freed = await schedule.freeFromDead((name) => name === worker || isGone(name))
  if (freed > 0) log.info({ sweeps: freed }, 'sweeps that no process was on any more handed on')
  await schedule.queueDue(handling)
  const sweep = await store.claim(worker)
  if (sweep !== undefined) await perform(sweep, stopping)
}

function logFailure({ log }: SweeperDeps, error: unknown): void {
  log.warn(safeError(error), 'sweeps cannot be looked for; trying again')
}
