/** The storage that pruning and sealing again need. */
import type { TenantId } from '../base/ids.ts'

/** Where a batch ended: the next one starts behind it. */
export interface PruneMark {
  readonly receivedAt: string
  readonly event: string
}

export interface PrunedBatch {
  readonly events: number
  readonly runs: number
  /** Undefined: nothing is left. */
  readonly next: PruneMark | undefined
}

export interface FinishedWork {
  /** The tenants whose work is not kept for ever; undefined when another process has taken this hour's turn. */
  takeTurn(): Promise<readonly TenantId[] | undefined>
  /** Gives the turn back, since work is left: another process may continue at once. */
  giveBack(): Promise<void>
  /**
   * Deletes events whose retention is over, with their runs, steps and history. An event stays while anything of it is unfinished, was
   * finished later, or is locked by another transaction. The identities stay, so that a later delivery is a duplicate for
   * ever. The ledger of effects is never touched.
   */
  pruneBatch(tenant: TenantId, behind: PruneMark | undefined): Promise<PrunedBatch>
}

/** The number of envelopes of one key. */
export interface SealedWith {
  /** Undefined: not an envelope. */
  readonly key: string | undefined
  readonly envelopes: number
}

/** The result of sealing again. */
export interface SealedAgain {
  readonly sealed: number
  /** Envelopes that do not decrypt: their key is not here, or they were changed. They are left as they are. */
  readonly unreadable: number
  /** False: it was stopped before the end. */
  readonly finished: boolean
}

export interface SealedData {
  /** The keys in use, by name. Reads everything. */
  byKey(): Promise<readonly SealedWith[]>
  /** Seals with the first key what other keys have sealed, in small batches. Safe beside a running service, and to repeat. */
  sealAgain(stopping: AbortSignal, onProgress?: (sealed: number) => void): Promise<SealedAgain>
}
