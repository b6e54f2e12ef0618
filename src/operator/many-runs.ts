/** Resumes or cancels many runs, each by its own guarded update: a run that has changed its state in the meantime is left alone. */
import type { RunState } from '../runs/run.ts'
import { cancelledText, type Resumption, type RunAdmin } from './operate.ts'

export interface ManyRuns {
  readonly how: 'resume' | 'cancel'
  readonly ids: readonly string[]
  /** A run in another state is left alone. */
  readonly from: readonly RunState[]
  readonly who: Pick<Resumption, 'by' | 'reason'>
  /** Called after each run. */
  readonly onProgress: (done: number) => void
  /** Aborts between two runs; the remaining ones stay as they are. */
  readonly signal: AbortSignal
}

export interface ManyDone {
  readonly changed: number
  readonly movedOn: number
  /** Not reached before the abort. */
  readonly left: number
}

export async function changeMany(
  runAdmin: Pick<RunAdmin, 'queueAgain' | 'cancel'>,
  { how, ids, from, who, onProgress, signal }: ManyRuns,
): Promise<ManyDone> {
  let [changed, tried] = [0, 0]
  for (const id of ids) {
    if (signal.aborted) break
    const done =
      how === 'resume'
        ? await runAdmin.queueAgain(id, from, who)
        : await runAdmin.cancel(id, from, cancelledText(who))
    if (done) changed += 1
    tried += 1
    onProgress(tried)
  }
  return { changed, movedOn: tried - changed, left: ids.length - tried }
}
