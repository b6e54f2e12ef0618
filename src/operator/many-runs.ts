/** Many runs resumed or cancelled, each by its own guarded update: what has moved on meanwhile is left as it is. */
import type { RunState } from '../runs/run.ts'
import { cancelledText, type Resumption, type RunAdmin } from './operate.ts'

export interface ManyRuns {
  readonly how: 'resume' | 'cancel'
  readonly ids: readonly string[]
  /** A run in another state has moved on. */
  readonly from: readonly RunState[]
  /** Who, and why. */
  readonly who: Pick<Resumption, 'by' | 'reason'>
  /** After each. */
  readonly onProgress: (done: number) => void
  /** Those that are left then stay as they are. */
  readonly signal: AbortSignal
}

export interface ManyDone {
  readonly changed: number
  readonly movedOn: number
  /** Not reached before the signal. */
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
