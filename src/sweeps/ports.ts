/** What a sweep needs of storage, and what it hands over. */
import type { SweepId, TenantId } from '../base/ids.ts'
import type { HiresCursor, ListedHire } from '../pinpoint/list-hires.ts'

export type SweepState = 'queued' | 'running' | 'waiting' | 'done' | 'failed'

/** What a sweep is to look for. */
export interface SweepRequest {
  readonly tenant: { readonly id: TenantId; readonly slug: string }
  /** Hires from this moment on. */
  readonly since: Date
  /** Also hires from before their connection was enabled. */
  readonly anyAge: boolean
  /** Also hires of which Pinpoint does not say when they were hired. */
  readonly undated: boolean
  /** A person has said that it may take up however many are missing. */
  readonly confirmed?: boolean | undefined
}

/** A sweep that this process holds. The key is in clear, in memory only. */
export interface ClaimedSweep extends SweepRequest {
  readonly id: SweepId
  /** Every write names it: a process that was taken over writes nothing. */
  readonly lease: string
  readonly cause: 'schedule' | 'person'
  readonly pinpoint: { readonly apiUrl: string; readonly apiKey: string }
  readonly cursor: HiresCursor
  /** How many it has read. */
  readonly pages: number
  readonly failures: number
}

/** Why a hire that nobody has told us of is taken or not. */
export type Verdict =
  | 'missing'
  /** Hired so recently that its webhook may still come. */
  | 'fresh'
  /** Hired before the time that is looked at, or before the connection was enabled. */
  | 'older'
  /** Pinpoint does not say when. */
  | 'without_date'
  /** Its webhook came, and its run ended before Pinpoint showed the hire: the event runs again. */
  | 'restarted'
  /** So it was often enough, each time in vain. */
  | 'exhausted'

/** One hire of a page, judged by what Pinpoint says of it. */
export interface JudgedHire extends ListedHire {
  readonly verdict: Verdict
}

/** Hires that no event of ours covers, or none whose run has seen them, by what becomes of them; and all that were looked at. */
export interface SweepCounts {
  readonly seen: number
  readonly missing: number
  readonly runs: number
  readonly fresh: number
  readonly older: number
  readonly withoutDate: number
  readonly restarted: number
  readonly exhausted: number
}

export interface SweepView extends SweepCounts {
  readonly id: string
  readonly tenant: string
  readonly cause: 'schedule' | 'person'
  readonly state: SweepState
  readonly since: string
  readonly code: string | null
  readonly reason: string | null
  readonly fix: string | null
  readonly nextAt: string | null
  readonly createdAt: string
  readonly finishedAt: string | null
}

export interface SweepPage {
  readonly hires: readonly JudgedHire[]
  /** Undefined: this was the last page. */
  readonly next: HiresCursor | undefined
}

/** What becomes of a sweep that this process lets go of. */
export type SweepEnd =
  | { readonly state: 'done' }
  | {
      readonly state: 'waiting'
      readonly code: string
      readonly reason: string
      readonly nextAt: Date
      /** Waiting for a limit costs nothing. */
      readonly free: boolean
    }
  | {
      readonly state: 'failed'
      readonly code: string
      readonly reason: string
      readonly fix: string | undefined
    }
  /** Handed back: another process goes on at once. */
  | { readonly state: 'queued' }

/** The integrations that handle a hire. */
export type Handling = readonly string[]

/** What the sweeper of a process asks of the schedule. */
export interface DueSweeps {
  /** Queues a sweep for each tenant whose time has come and that has an enabled connection. */
  queueDue(handling: Handling): Promise<void>
  /** Frees at once what processes held that are gone. */
  freeFromDead(isGone: (worker: string) => boolean): Promise<number>
}

export interface SweepSchedule extends DueSweeps {
  /** Held by this process at once. Undefined: one of this tenant is under way already. */
  begin(request: SweepRequest, worker: string): Promise<ClaimedSweep | undefined>
  /** The newest of this tenant, where it has asked whether it may go on: confirmed, and held by this process. */
  goOn(tenant: TenantId, worker: string): Promise<ClaimedSweep | undefined>
  show(id: string): Promise<SweepView | undefined>
  /** The newest of a tenant. */
  latest(tenantSlug: string): Promise<SweepView | undefined>
}

export interface SweepStore {
  /** One that is due, or whose process has stopped telling that it lives; or this very one, if it is free. */
  claim(worker: string, id?: string): Promise<ClaimedSweep | undefined>
  /** Events, runs, jobs, counts and cursor in one transaction. Throws `LeaseLost` when the sweep was taken over. */
  record(sweep: ClaimedSweep, page: SweepPage, handling: Handling): Promise<void>
  /** What `record` would count, writing nothing. */
  look(request: SweepRequest, hires: readonly JudgedHire[], handling: Handling): Promise<readonly FoundHire[]>
  /** Undefined when it was taken over meanwhile; then nothing is written. */
  end(sweep: ClaimedSweep, end: SweepEnd): Promise<SweepView | undefined>
}

/** A hire that no event covers for at least one connection. One that is told by more than one verdict is found more than once. */
export interface FoundHire {
  readonly hire: JudgedHire
  readonly verdict: Verdict
  /** For which connections. */
  readonly integrations: readonly string[]
}
