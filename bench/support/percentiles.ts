/** Order statistics of a sample of durations. */

export interface Percentiles {
  readonly count: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Nearest-rank percentiles: each is a value that was really measured. */
export function percentiles(sample: readonly number[]): Percentiles {
  if (sample.length === 0) throw new Error('an empty sample has no percentiles')
  const sorted = [...sample].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) }
}

export function median(sample: readonly number[]): number {
  return percentiles(sample).p50
}
