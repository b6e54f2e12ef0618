/** The number of calls that an attempt has sent, by destination, answered or not. */
import type { Counting } from '../outbound/outbound.ts'
import type { CallCounts } from '../runs/run.ts'

export interface CallCounter extends Required<Counting> {
  counts(): CallCounts
}

export function createCallCounter(): CallCounter {
  const counts: Record<string, number> = {}
  return {
    onCall({ destination }) {
      counts[destination] = (counts[destination] ?? 0) + 1
    },
    counts: () => ({ ...counts }),
  }
}
