/** A token bucket for each key: what exceeds it is refused at once, and nothing waits. */
import type { Clock } from '../base/clock.ts'

export interface Allowance {
  /** True when another one is allowed. */
  has(key: string): boolean
  /** The same, and counts it. */
  take(key: string): boolean
}

interface Bucket {
  readonly left: number
  readonly at: number
}

/** From this number of keys on, those whose bucket is full are forgotten. */
const fewKeys = 1_000

export function createAllowance({
  burst,
  perSecond,
  clock,
}: {
  readonly burst: number
  readonly perSecond: number
  readonly clock: Clock
}): Allowance {
  const buckets = new Map<string, Bucket>()
  let mostKeys = fewKeys
  const leftOf = ({ left, at }: Bucket, now: number) =>
    Math.min(burst, left + (Math.max(0, now - at) / 1000) * perSecond)
  const leftAt = (key: string, now: number) => leftOf(buckets.get(key) ?? { left: burst, at: now }, now)

  function forget(now: number): void {
    if (buckets.size < mostKeys) return
    for (const [key, bucket] of buckets) if (leftOf(bucket, now) === burst) buckets.delete(key)
    mostKeys = Math.max(fewKeys, 2 * buckets.size)
  }

  return {
    has: (key) => leftAt(key, clock.now().getTime()) >= 1,
    take(key) {
      const at = clock.now().getTime()
      const left = leftAt(key, at)
      forget(at)
      buckets.set(key, { left: left < 1 ? left : left - 1, at })
      return left >= 1
    },
  }
}
