/** The journal in memory: the twin of src/store/journal.ts. */
import { type Journal, LeaseLost } from '../../../src/runs/ports.ts'
import type { MemoryDatabase, StoredStep } from './database.ts'

export function createMemoryJournal({ runs, steps, clock }: MemoryDatabase): Journal {
  return {
    async write(lease, step) {
      if (runs.get(lease.run)?.lease !== lease.token) throw new LeaseLost()
      const written = steps.get(lease.run) ?? new Map<string, StoredStep>()
      steps.set(lease.run, written)
      const before = written.get(step.title)
      const { outcome, output } = step
      written.set(
        step.title,
        before === undefined ? { ...step, finishedAt: clock.now() } : { ...before, outcome, output },
      )
    },
  }
}
