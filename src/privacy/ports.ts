/** What pruning of finished work needs of storage. */
import type { TenantId } from '../base/ids.ts'

/** Where a batch ended: the next one goes on behind it. */
export interface PruneMark {
  readonly receivedAt: string
  readonly event: string
}

export interface PrunedBatch {
  readonly events: number
  readonly runs: number
  /** Undefined: there is nothing behind it. */
  readonly next: PruneMark | undefined
}

export interface FinishedWork {
  /** The tenants whose work is not kept for ever; undefined when another process has had this hour's turn. */
  takeTurn(): Promise<readonly TenantId[] | undefined>
  /** Gives the turn back: something is left, and whoever asks next may go on at once. */
  giveBack(): Promise<void>
  /**
   * Deletes events whose time is over, with their runs, steps and history. One of which anything is unfinished, was finished
   * later, or is in another transaction's hands stays. So does the identity of each, by which a delivery of it is a duplicate for
   * ever. The ledger of effects is never touched.
   */
  pruneBatch(tenant: TenantId, behind: PruneMark | undefined): Promise<PrunedBatch>
}
