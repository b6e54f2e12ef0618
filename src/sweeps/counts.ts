import type { FoundHire, SweepCounts, Verdict } from './ports.ts'

/** The number of hires by verdict. */
export function countsOf(found: readonly FoundHire[]): Omit<SweepCounts, 'seen' | 'runs'> {
  const count = (verdict: Verdict) => found.filter((hire) => hire.verdict === verdict).length
  return {
    missing: count('missing'),
    fresh: count('fresh'),
    older: count('older'),
    withoutDate: count('without_date'),
    restarted: count('restarted'),
    exhausted: count('exhausted'),
  }
}
