/** Every call that reached an imitated system. The newest are kept whole, all are counted: memory stays flat. */
import type { CallName, System } from './faults.ts'

/** What the caller saw: a status, or how it was left without one. */
export type CallOutcome = number | 'in flight' | 'cut' | 'hung' | 'caller gone'

export interface Call extends CallName {
  readonly number: number
  readonly at: string
  readonly method: string
  readonly path: string
  readonly status: CallOutcome
}

export interface CallLog {
  /** Notes the call and returns the function that notes its outcome. */
  begin(call: Omit<Call, 'number' | 'status'>): (status: CallOutcome) => void
  /** Oldest first, of the last ones kept. */
  list(filter?: {
    readonly system?: string | undefined
    readonly operation?: string | undefined
  }): readonly Call[]
  /** `hibob people.create 200` → how many, over all time. */
  counts(): Readonly<Record<string, number>>
  /** How many calls of one operation were begun, over all time. */
  count(system: System, operation: string): number
  reset(): void
}

export function openCallLog(kept = 5000): CallLog {
  let calls: (Call & { status: CallOutcome })[] = []
  let number = 0
  const outcomes = new Map<string, number>()
  const begun = new Map<string, number>()
  const increment = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1)

  return {
    begin(given) {
      const call: Call & { status: CallOutcome } = { ...given, number: ++number, status: 'in flight' }
      calls.push(call)
      // Dropping half at a time keeps the cost of the limit away from the single call.
      if (calls.length > kept * 2) calls = calls.slice(-kept)
      increment(begun, `${call.system} ${call.operation}`)
      return (status) => {
        call.status = status
        increment(outcomes, `${call.system} ${call.operation} ${status}`)
      }
    },
    list: (filter = {}) =>
      calls
        .slice(-kept)
        .filter((call) => filter.system === undefined || call.system === filter.system)
        .filter((call) => filter.operation === undefined || call.operation === filter.operation),
    counts: () => Object.fromEntries([...outcomes].sort(([a], [b]) => a.localeCompare(b))),
    count: (system, operation) => begun.get(`${system} ${operation}`) ?? 0,
    reset() {
      calls = []
      outcomes.clear()
      begun.clear()
    },
  }
}
