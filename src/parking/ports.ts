/** The storage that rechecks need. */
import type { ConnectionId, RunId, TenantId } from '../base/ids.ts'
import type { Extra } from '../pinpoint/read-hire.ts'
import type { RecheckKind } from '../runs/watch.ts'
import type { StoredMapping } from '../tenants/connection.ts'

/** What became of a recheck, or of the run because of it. */
export type RecheckOutcome = 'unchanged' | 'resumed' | 'cancelled' | 'parked' | 'moved_on' | 'failed'

/** One due recheck, claimed by this process. Secrets are decrypted, in memory only. */
export interface Recheck {
  readonly run: RunId
  readonly what: RecheckKind
  readonly name: string
  readonly turn: number
  /** The application's id. */
  readonly application: string
  readonly fingerprint: Buffer | undefined
  /** How many rechecks came before. */
  readonly times: number
  /** An event about the application brought it forward. */
  readonly signalled: boolean
  /** Names this claim, so that a signal that arrives during the recheck is not lost when it ends. */
  readonly claim: string
  readonly connection: {
    readonly id: ConnectionId
    readonly integration: string
    readonly settings: unknown
    readonly mapping?: StoredMapping | undefined
    readonly secrets: unknown
  }
  readonly tenant: {
    readonly id: TenantId
    readonly apiUrl: string
    readonly apiKey: string
    readonly demoHires: boolean
    readonly refusedExtras?: readonly Extra[]
  }
}

export interface RecheckStore {
  /** Resumes the runs that are parked until their connection changes, and whose connection has changed. Returns their number. */
  resumeChanged(): Promise<number>
  /** A due recheck, signalled ones first. When this process dies, another one claims it two minutes later. */
  claim(which: 'any' | 'signalled'): Promise<Recheck | undefined>
  /** Queues the run. False when the run has moved on in the meantime. */
  resume(recheck: Recheck, because: string): Promise<boolean>
  /** Schedules the next recheck: the longer nothing has changed, the later. */
  unchanged(recheck: Recheck): Promise<void>
  /** Schedules the next recheck for `after`; unset: at the usual pace. */
  failed(
    recheck: Recheck,
    failure: { readonly code: string; readonly after: Date | undefined },
  ): Promise<void>
}
