/** Limits in memory: the twin of src/store/limits.ts. */
import type { LimitStore } from '../../../src/runs/ports.ts'
import type { MemoryDatabase } from './database.ts'

export function createMemoryLimitStore({ limits }: MemoryDatabase): LimitStore {
  return {
    async pause(connection, bucket, until) {
      const known = limits.get(connection) ?? new Map<string, Date>()
      limits.set(connection, known)
      const before = known.get(bucket)
      if (before === undefined || before < until) known.set(bucket, until)
    },
  }
}
