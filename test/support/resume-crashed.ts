/** What an operator does after a machine was killed again and again: a run that was alone at such a moment is parked as if it had been the cause. */
import type { Store } from '../../src/app/store.ts'

export async function resumeCrashed({ runs: runAdmin }: Pick<Store, 'runs'>): Promise<void> {
  const parked = await runAdmin.listRuns({ states: ['parked'], limit: 10_000 })
  for (const { id, code } of parked) {
    if (code === 'runs.crashed_repeatedly') await runAdmin.queueAgain(id, ['parked'])
  }
}
