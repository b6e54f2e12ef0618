/** So many at once and so many a second, for each key: what comes too fast gets a no, and nobody waits. */
import type { Clock } from '../base/clock.ts'

export interface Allowance {
  /** True when one more is allowed, and counts it. */
  take(key: string): boolean
}

export function createAllowance({
  burst,
  perSecond,
  clock,
}: {
  readonly burst: number
  readonly perSecond: number
  readonly clock: Clock
}): Allowance {
  const buckets = new Map<string, { readonly left: number; readonly at: number }>()
  return {
    take(key) {
      const at = clock.now().getTime()
      const bucket = buckets.get(key) ?? { left: burst, at }
      const refilled = bucket.left + (Math.max(0, at - bucket.at) / 1000) * perSecond
      const left = Math.min(burst, refilled)
      buckets.set(key, { left: left < 1 ? left : left - 1, at })
      return left >= 1
    },
  }
}
