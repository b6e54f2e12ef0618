/** The cost of a run, from its history: its calls, and the time that it waited for limits. */
import type { CallCounts, RunState } from '../runs/run.ts'

export interface RunCost {
  /** By destination, over all attempts that have ended. */
  readonly calls: CallCounts
  /** Attempts whose calls are not known: their worker died, or the run was cancelled meanwhile. */
  readonly uncountedAttempts: number
  readonly waitedForLimitsSeconds: number
}

export interface HistoryLine {
  readonly at: Date
  readonly state: RunState
  readonly code: string | null
  /** Of the attempt that ended with this line. */
  readonly calls: CallCounts | null
}

/** `history` is sorted, oldest first. */
export function costOf(history: readonly HistoryLine[], now: Date): RunCost {
  const calls: Record<string, number> = {}
  let uncountedAttempts = 0
  let waited = 0
  for (const [index, line] of history.entries()) {
    const next = history[index + 1]
    for (const [destination, count] of Object.entries(line.calls ?? {}))
      calls[destination] = (calls[destination] ?? 0) + count
    if (line.state === 'running' && next?.calls === null) uncountedAttempts++
    if (line.state === 'waiting' && line.code?.endsWith('.rate_limited') === true)
      waited += (next?.at ?? now).getTime() - line.at.getTime()
  }
  return { calls, uncountedAttempts, waitedForLimitsSeconds: Math.max(0, Math.round(waited / 1000)) }
}
