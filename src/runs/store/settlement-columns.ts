/** A settlement as the columns of its run. */
import { type WaitKind, waitKinds } from '../../base/failure.ts'
import type { RunId } from '../../base/ids.ts'
import type { Settlement } from '../run.ts'

/** The same columns for every outcome, so that one statement serves all. */
export interface Columns {
  readonly state: Settlement['state']
  readonly code: string | null
  readonly reason: string | null
  readonly fix: string | null
  readonly resumesOn: string | null
  readonly nextAt: Date | null
  readonly waitedFor: WaitKind | null
  readonly waitingFor: RunId | null
  readonly result: string | null
  /** Null: not counted. */
  readonly calls: string | null
  readonly failed: boolean
  /** Counts towards the time after which a run gives up. */
  readonly failing: boolean
}

const none = {
  code: null,
  reason: null,
  fix: null,
  resumesOn: null,
  nextAt: null,
  waitedFor: null,
  waitingFor: null,
  result: null,
}

export function columnsOf(settlement: Settlement): Columns {
  const calls = settlement.calls === undefined ? null : JSON.stringify(settlement.calls)
  const base = { ...none, calls, state: settlement.state, failed: false, failing: false }
  switch (settlement.state) {
    case 'done':
      return { ...base, result: JSON.stringify(settlement.result) }
    case 'waiting': {
      const { code, reason, nextAt, kind, waitingFor } = settlement
      const cost = waitKinds[kind]
      const failed = cost === 'attempt'
      const counted = { failed, failing: cost !== 'nothing' }
      return { ...base, ...counted, code, reason, nextAt, waitedFor: kind, waitingFor: waitingFor ?? null }
    }
    case 'parked':
      return {
        ...base,
        code: settlement.code,
        reason: settlement.reason,
        fix: settlement.fix,
        resumesOn: settlement.resumesOn,
      }
    case 'refused':
      return { ...base, code: settlement.code, reason: settlement.reason }
  }
}
