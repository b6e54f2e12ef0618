/** Limits in memory: the twin of src/limits/store/limits.ts. */
import { unknownBudget } from '../../../src/base/rate-limit.ts'
import type { LimitStore } from '../../../src/limits/ports.ts'
import type { MemoryDatabase } from './database.ts'

export function createMemoryLimitStore({ limits, connections, tenants, clock }: MemoryDatabase): LimitStore {
  return {
    async swap(key, { from, budget }) {
      const name = `${key.scope} ${key.bucket}`
      const stored = limits.get(name) ?? { key, version: 0, budget: unknownBudget }
      const gone =
        (key.connection !== undefined && !connections.has(key.connection)) ||
        (key.tenant !== undefined && !tenants.has(key.tenant))
      if (stored.version !== from || gone) return { written: false, stored, at: clock.now() }
      const written = { key, version: from + 1, budget }
      limits.set(name, written)
      return { written: true, stored: written, at: clock.now() }
    },
  }
}
