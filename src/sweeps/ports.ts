/** The storage that a sweep needs, and what it stores. */
import type { SweepId, TenantId } from '../base/ids.ts'
import type { HiresCursor, ListedHire } from '../pinpoint/list-hires.ts'

export type SweepState = 'queued' | 'running' | 'waiting' | 'done' | 'failed'

/** What a sweep looks for. */
export interface SweepRequest {
  readonly tenant: { readonly id: TenantId; readonly slug: string }
  /** Hires from this moment on. */
  readonly since: Date
  /** Also hires from before their connection was enabled. */
  readonly anyAge: boolean
  /** Also hires for which Pinpoint shows no date. */
  readonly undated: boolean
  /** A person has allowed any number of missing hires. */
  readonly confirmed?: boolean | undefined
}

/** A sweep that this process holds. The key is decrypted, in memory only. */
export interface ClaimedSweep extends SweepRequest {
  readonly id: SweepId
  /** Every write names the lease: a process whose sweep was taken over writes nothing. */
  readonly lease: string
  readonly cause: 'schedule' | 'person'
  readonly pinpoint: { readonly apiUrl: string; readonly apiKey: string }
  readonly cursor: HiresCursor
  /** How many pages it has read. */
  readonly pages: number
  readonly failures: number
}

/** Whether a hire that no event covers is processed, and why not. */
export type Verdict =
  | 'missing'
  /** Hired so recently that its webhook may still come. */
  | 'fresh'
  /** Hired before the period of the sweep, or before the connection was enabled. */
  | 'older'
  /** Pinpoint does not show when. */
  | 'without_date'
  /** Its webhook came, and its run ended before Pinpoint showed the hire: the event runs again. */
  | 'restarted'
  /** Its event was restarted often enough, each time in vain. */
  | 'exhausted'

/** One hire of a page, judged by what Pinpoint shows of it. */
export interface JudgedHire extends ListedHire {
  readonly verdict: Verdict
}

/** How many hires were read, and how many of them no event covers, or none whose run has seen them, by verdict. */
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

/** The end of this process's hold on a sweep. */
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
  /** Handed back: another process continues at once. */
  | { readonly state: 'queued' }

/** The integrations that handle a hire. */
export type Handling = readonly string[]

/** The sweeper's access to the schedule. */
export interface DueSweeps {
  /** Queues a sweep for each tenant that is due and has an enabled connection. */
  queueDue(handling: Handling): Promise<void>
  /** Frees the sweeps of dead processes. */
  freeFromDead(isGone: (worker: string) => boolean): Promise<number>
}

export interface SweepSchedule extends DueSweeps {
  /** Held by this process at once. Undefined: another sweep of this tenant is under way. */
  begin(request: SweepRequest, worker: string): Promise<ClaimedSweep | undefined>
  /** Confirms and claims the tenant's newest sweep, if that has stopped to ask whether it may continue. */
  goOn(tenant: TenantId, worker: string): Promise<ClaimedSweep | undefined>
  show(id: string): Promise<SweepView | undefined>
  /** The newest of a tenant. */
  latest(tenantSlug: string): Promise<SweepView | undefined>
}

export interface SweepStore {
  /** A due sweep, or one whose process no longer gives a sign of life; with `id`, this sweep if it is free. */
  claim(worker: string, id?: string): Promise<ClaimedSweep | undefined>
  /** Events, runs, jobs, counts and cursor in one transaction. Throws `LeaseLost` when the sweep was taken over. */
  record(sweep: ClaimedSweep, page: SweepPage, handling: Handling): Promise<void>
  /** What `record` would count, writing nothing. */
  look(request: SweepRequest, hires: readonly JudgedHire[], handling: Handling): Promise<readonly FoundHire[]>
  /** Undefined when the sweep was taken over meanwhile; then nothing is written. */
  end(sweep: ClaimedSweep, end: SweepEnd): Promise<SweepView | undefined>
}

/** A hire that no event covers for at least one connection. A hire with more than one verdict occurs more than once. */
export interface FoundHire {
  readonly hire: JudgedHire
  readonly verdict: Verdict
  /** For which integrations. */
  readonly integrations: readonly string[]
}
