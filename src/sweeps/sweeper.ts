/** The sweeper of one process: queues the sweeps that are due and does one at a time, whoever queued it. */
import type { Clock } from '../base/clock.ts'
import { type Log, safeError } from '../observe/log.ts'
import type { ClaimedSweep, DueSweeps, Handling, SweepStore } from './ports.ts'

/** Nobody waits for a sweep; an idle service should cost little. */
const usualPollSeconds = 15

export interface Sweeper {
  /** Hands back the sweep that is under way; another process goes on where it is. Waits for a call at most so long. */
  stop(graceSeconds: number): Promise<void>
}

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

/** Does at most one sweep. `stopping` hands it back. */
export async function sweepWhatIsDue(deps: SweeperDeps, stopping: AbortSignal): Promise<void> {
  const { store, schedule, perform, handling, worker, isGone, log } = deps
  try {
    // Its own as well: before it has claimed one, it holds only what it does not know of, since an answer was lost.
    const freed = await schedule.freeFromDead((name) => name === worker || isGone(name))
    if (freed > 0) log.info({ sweeps: freed }, 'sweeps that no process was on any more handed on')
    await schedule.queueDue(handling)
    const sweep = await store.claim(worker)
    if (sweep !== undefined) await perform(sweep, stopping)
  } catch (error) {
    log.warn(safeError(error), 'sweeps cannot be looked for; trying again')
  }
}

export function startSweeper(deps: SweeperDeps): Sweeper {
  const { clock, pollSeconds = usualPollSeconds } = deps
  const stopping = new AbortController()

  async function keepSweeping(): Promise<void> {
    while (!stopping.signal.aborted) {
      await sweepWhatIsDue(deps, stopping.signal)
      await clock.sleep(pollSeconds * 1000, stopping.signal)
    }
  }

  const ended = keepSweeping()
  return {
    async stop(graceSeconds) {
      stopping.abort()
      const grace = new AbortController()
      await Promise.race([ended, clock.sleep(graceSeconds * 1000, grace.signal)])
      grace.abort()
    },
  }
}
