/** The sweeper of one process: queues the sweeps that are due and does one at a time, whoever queued it. */
import { safeError } from '../observe/log.ts'
import { performSweep, type SweepDeps } from './sweep.ts'
import type { SweepSchedule } from './sweep-ports.ts'

/** Nobody waits for a sweep; an idle service should cost little. */
const pollMilliseconds = 15_000

export interface Sweeper {
  /** Hands back the sweep that is under way; another process goes on where it is. Waits for a call at most so long. */
  stop(graceSeconds: number): Promise<void>
}

export interface SweeperDeps extends SweepDeps {
  readonly schedule: SweepSchedule
  /** Names this process in sweeps that it holds. */
  readonly worker: string
  /** True of a process that certainly runs no more. */
  readonly isGone: (worker: string) => boolean
}

/** Does at most one sweep. `stopping` hands it back. */
export async function sweepWhatIsDue(deps: SweeperDeps, stopping: AbortSignal): Promise<void> {
  const { store, schedule, handling, worker, isGone, log } = deps
  try {
    const freed = await schedule.freeFromDead(isGone)
    if (freed > 0) log.info({ sweeps: freed }, 'sweeps of a killed process of this machine handed on')
    await schedule.queueDue(handling)
    const sweep = await store.claim(worker)
    if (sweep !== undefined) await performSweep(deps, sweep, stopping)
  } catch (error) {
    log.warn(safeError(error), 'sweeps cannot be looked for; trying again')
  }
}

export function startSweeper(deps: SweeperDeps): Sweeper {
  const { clock } = deps
  const stopping = new AbortController()

  async function keepSweeping(): Promise<void> {
    while (!stopping.signal.aborted) {
      await sweepWhatIsDue(deps, stopping.signal)
      await clock.sleep(pollMilliseconds, stopping.signal)
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
