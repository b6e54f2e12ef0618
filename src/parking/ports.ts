/** What lifting parked runs needs of storage, and the words it is told in. */
import type { ConnectionId, RunId, TenantId } from '../base/ids.ts'
import type { RecheckKind } from '../runs/watch.ts'

/** What became of a look, or of the run because of it. */
export type RecheckOutcome = 'unchanged' | 'resumed' | 'cancelled' | 'parked' | 'moved_on' | 'failed'

/** One look that is due, claimed by this process. Secrets are in clear, in memory only. */
export interface Recheck {
  readonly run: RunId
  readonly what: RecheckKind
  readonly name: string
  readonly turn: number
  /** The application's id. */
  readonly application: string
  readonly fingerprint: Buffer | undefined
  /** How often it was looked at before. */
  readonly times: number
  /** An event about the application brought it forward. */
  readonly signalled: boolean
  /** Names this claim: a signal that comes meanwhile is not forgotten when the look ends. */
  readonly claim: string
  readonly connection: {
    readonly id: ConnectionId
    readonly integration: string
    readonly settings: unknown
    readonly secrets: unknown
  }
  readonly tenant: {
    readonly id: TenantId
    readonly apiUrl: string
    readonly apiKey: string
    readonly demoHires: boolean
  }
}

export interface RecheckStore {
  /** Resumes what is parked until its connection changes, and has seen another revision of it. Answers how many runs go on. */
  resumeChanged(): Promise<number>
  /** A look that is due, signalled ones first. When this process dies, another one claims it two minutes later. */
  claim(which: 'any' | 'signalled'): Promise<Recheck | undefined>
  /** Queues the run. False when it has moved on by itself, or somebody else moved it. */
  resume(recheck: Recheck, because: string): Promise<boolean>
  /** Looks again, the later the longer it has been so. */
  unchanged(recheck: Recheck): Promise<void>
  /** Looks again then; unset: at the usual pace. */
  failed(
    recheck: Recheck,
    failure: { readonly code: string; readonly after: Date | undefined },
  ): Promise<void>
}
