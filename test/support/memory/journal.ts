/** The journal in memory: the twin of src/runs/store/journal.ts. */
import { type Journal, LeaseLost } from '../../../src/runs/ports.ts'
import type { Lease } from '../../../src/runs/run.ts'
import type { MemoryDatabase, StoredStep } from './database.ts'

export function createMemoryJournal(database: MemoryDatabase): Journal {
  return {
    async write(lease, line) {
      if (database.runs.get(lease.run)?.lease !== lease.token) throw new LeaseLost()
      writeLine(database, lease, line)
    },
  }
}

export function writeLine(
  { steps, clock }: MemoryDatabase,
  lease: Lease,
  line: Omit<StoredStep, 'finishedAt'>,
): void {
  const written = steps.get(lease.run) ?? new Map<string, StoredStep>()
  steps.set(lease.run, written)
  const before = written.get(line.title)
  const { outcome, output, remoteId, mappingVersion } = line
  written.set(
    line.title,
    before === undefined
      ? { ...line, finishedAt: clock.now() }
      : { ...before, outcome, output, remoteId, mappingVersion },
  )
}
