/**
 * Prunes finished work whose time is over. Every process that works asks; the store lets one of them do it an hour. In small batches with
 * pauses, so that a database in which much has collected is not held up by it.
 */
import type { Clock } from '../base/clock.ts'
import type { TenantId } from '../base/ids.ts'
import { type Loop, startLoop } from '../base/loop.ts'
import { type Log, safeError } from '../observe/log.ts'
import type { FinishedWork, PrunedBatch } from './ports.ts'

const everyMilliseconds = 10 * 60_000
/** After each batch the database has so many times as long for others. */
const pauseTimes = 4

export interface PrunerDeps {
  readonly store: FinishedWork
  readonly clock: Clock
  readonly log: Log
  readonly onPruned: (pruned: Pick<PrunedBatch, 'events' | 'runs'>) => void
  /** Batches of one turn at most. Unset: until nothing is left. */
  readonly mostBatches?: number
}

/** Stopping it waits for the batch that is under way. */
export function startPruner(deps: PrunerDeps): Loop {
  return startLoop({
    every: everyMilliseconds,
    clock: deps.clock,
    work: (stopping) => pruneOnce(deps, stopping),
    onError: (error) => logFailure(deps, error),
  })
}

/** For a process that does not stay. What is left when `stopping` says so, somebody else goes on with. */
export async function pruneWhatIsDue(deps: PrunerDeps, stopping: AbortSignal): Promise<void> {
  await pruneOnce(deps, stopping).catch((error: unknown) => logFailure(deps, error))
}

/** Takes the turn when it is free. */
async function pruneOnce(deps: PrunerDeps, stopping: AbortSignal): Promise<undefined> {
  const { store, log } = deps
  const tenants = await store.takeTurn()
  if (tenants === undefined) return
  const { events, runs, finished } = await pruneAll(deps, tenants, stopping)
  if (!finished) await store.giveBack()
  if (events > 0) log.info({ events, runs }, 'finished work pruned by age')
}

function logFailure({ log }: PrunerDeps, error: unknown): void {
  log.warn(safeError(error), 'finished work could not be pruned; trying again within the hour')
}

async function pruneAll(
  { store, clock, onPruned, mostBatches = Infinity }: PrunerDeps,
  tenants: readonly TenantId[],
  stopping: AbortSignal,
) {
  const total = { events: 0, runs: 0 }
  let batches = 0
  for (const tenant of tenants) {
    let behind: PrunedBatch['next']
    do {
      if (stopping.aborted || batches === mostBatches) return { ...total, finished: false }
      const began = clock.now().getTime()
      const { events, runs, next } = await store.pruneBatch(tenant, behind)
      onPruned({ events, runs })
      total.events += events
      total.runs += runs
      behind = next
      batches++
      if (next !== undefined) await clock.sleep((clock.now().getTime() - began) * pauseTimes, stopping)
    } while (behind !== undefined)
  }
  return { ...total, finished: true }
}
