/**
 * Prunes finished work whose retention is over. Every worker process asks; the store allows one of them an hour. In small batches with
 * pauses, so that a large database is not slowed down.
 */
import type { Clock } from '../base/clock.ts'
import type { TenantId } from '../base/ids.ts'
import { type Loop, startLoop } from '../base/loop.ts'
import { type Log, safeError } from '../observe/log.ts'
import type { FinishedWork, PrunedBatch } from './ports.ts'

const everyMilliseconds = 10 * 60_000
/** The pause after a batch, as a multiple of the batch's time. */
const pauseTimes = 4

export interface PrunerDeps {
  readonly store: FinishedWork
  readonly clock: Clock
  readonly log: Log
  readonly onPruned: (pruned: Pick<PrunedBatch, 'events' | 'runs'>) => void
  /** The most batches of one turn. Unset: until nothing is left. */
  readonly mostBatches?: number
}

/** Stopping waits for the batch that is under way. */
export function startPruner(deps: PrunerDeps): Loop {
  return startLoop({
    every: everyMilliseconds,
    clock: deps.clock,
    work: (stopping) => pruneOnce(deps, stopping),
    onError: (error) => logFailure(deps, error),
  })
}

/** For a process that does not stay. After `stopping`, another process continues with the rest. */
export async function pruneDueWork(deps: PrunerDeps, stopping: AbortSignal): Promise<void> {
  await pruneOnce(deps, stopping).catch((error: unknown) => logFailure(deps, error))
}

/** Takes the turn if it is free. */
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
