/** How every tenant stands at a glance: how many were hired, where they are, and what waits for a person. */
import type { RunState } from '../runs/run.ts'

/** A hire is where its furthest-back run is: of several connections the one that needs attention most. `none`: no run yet. */
export type HireState = RunState | 'none'

export type HireCounts = Readonly<Partial<Record<HireState, number>>>

export interface WaitingHires {
  /** Parked runs, whenever they were hired. */
  readonly runs: number
  /** The one that waits longest. Instants are ISO 8601. */
  readonly oldest: {
    readonly run: string
    readonly integration: string
    readonly application: string
    readonly reason: string
    readonly since: string
  }
}

export interface TenantStatus {
  readonly tenant: string
  /** Where its days begin. Null: it has none of its own, and the machine's counts. */
  readonly timeZone: string | null
  readonly today: HireCounts
  readonly sevenDays: HireCounts
  readonly waiting: WaitingHires | null
  readonly paused: readonly {
    readonly integration: string
    readonly reason: string
    readonly since: string
  }[]
  readonly openCircuits: readonly {
    readonly integration: string
    readonly reason: string
    readonly since: string
    readonly nextProbeAt: string
  }[]
  /** Deliveries in quarantine whose body reads as a hire. */
  readonly quarantined: number
  /** Acknowledged events that start later, since the tenant is over its quota. Counted up to 10,000. */
  readonly deferred: number
  readonly lastWebhookAt: string | null
  readonly lastSweep: {
    readonly at: string
    readonly state: string
    readonly missing: number
    readonly reason: string | null
  } | null
}

export interface Status {
  readonly at: string
  readonly tenants: readonly TenantStatus[]
  /** Deliveries in quarantine that name no tenant, and whose body reads as a hire. */
  readonly quarantinedForNobody: number
  /** Runs that have been due for two minutes while no worker is alive. */
  readonly untakenRuns: number
}

export interface StatusReader {
  /** Of one tenant, or of all. `zone` holds for tenants that have none. */
  status(of: { readonly tenant?: string | undefined; readonly zone: string }): Promise<Status>
}

/** What nobody but a person mends. An open circuit closes by itself, and deferred events start by themselves. */
export function needsPerson({ waiting, paused, quarantined, lastSweep }: TenantStatus): boolean {
  return waiting !== null || paused.length > 0 || quarantined > 0 || lastSweep?.state === 'failed'
}
