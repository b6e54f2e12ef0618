/** The status of every tenant: how many were hired, the states of their runs, and what waits for a person. */
import type { RunState } from '../runs/run.ts'

/** The state of a hire with several connections is that of the run that needs attention most. `none`: no run yet. */
export type HireState = RunState | 'none'

export type HireCounts = Readonly<Partial<Record<HireState, number>>>

export interface WaitingHires {
  /** Parked runs, whenever they were hired. */
  readonly runs: number
  /** The run that has waited longest. Instants are ISO 8601. */
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
  /** Decides where its days begin. Null: the machine's time zone counts. */
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
  /** Deliveries in quarantine whose body looks like a hire. */
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
  /** Deliveries in quarantine that name no tenant, and whose body looks like a hire. */
  readonly quarantinedForNobody: number
  /** Runs that have been due for two minutes while no worker is alive. */
  readonly untakenRuns: number
}

export interface StatusReader {
  /** One tenant, or all. `zone` is for tenants without a time zone of their own. */
  status(of: { readonly tenant?: string | undefined; readonly zone: string }): Promise<Status>
}

/** Whether only a person can help. Open circuits close and deferred events start without one. */
export function needsPerson({ waiting, paused, quarantined, lastSweep }: TenantStatus): boolean {
  return waiting !== null || paused.length > 0 || quarantined > 0 || lastSweep?.state === 'failed'
}
