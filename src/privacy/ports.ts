/** What pruning of finished work and sealing again need of storage. */
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

/** What one key has sealed. */
export interface SealedWith {
  /** Undefined: what is there is no envelope. */
  readonly key: string | undefined
  readonly envelopes: number
}

/** How a sealing again went. */
export interface SealedAgain {
  readonly sealed: number
  /** They do not open: their key is not here, or they were changed. Left as they are. */
  readonly unreadable: number
  /** False: it was asked to stop before it was through. */
  readonly finished: boolean
}

export interface SealedData {
  /** The keys that something is sealed with, by name. Reads everything. */
  byKey(): Promise<readonly SealedWith[]>
  /** Seals with the first key what others have sealed, in small batches. Safe beside a running service, and to repeat. */
  sealAgain(stopping: AbortSignal): Promise<SealedAgain>
}
