/** What intake needs of the rest of the house. */
import type { Failure } from '../base/failure.ts'
import type { EventId, TenantId } from '../base/ids.ts'

export interface KnownTenant {
  readonly id: TenantId
  readonly slug: string
  /** In clear, in memory only. Several while one is rotated; never empty. */
  readonly signingSecrets: readonly string[]
  /** How long finished work is kept, in seconds. */
  readonly keepFinishedFor: 'forever' | number
}

export interface TenantDirectory {
  bySlug(slug: string): Promise<KnownTenant | undefined>
  all(): Promise<readonly KnownTenant[]>
  /** Those whose secrets do not open here, by slug: what is theirs cannot be told apart from what is nobody's. */
  locked(): Promise<ReadonlyMap<string, Failure>>
}

/** One delivery whose signature was verified. */
export interface VerifiedDelivery {
  readonly tenant: Pick<KnownTenant, 'id' | 'slug'>
  /** Undefined when the body could not be read as an event. */
  readonly name: string | undefined
  readonly subject: string | undefined
  readonly triggeredAt: Date | undefined
  /** 32 bytes; deliveries of one tenant with equal identity are one event. */
  readonly identity: Buffer
  /** `*`, or the one integration that this webhook is for. */
  readonly asked: string
  /** Names of the integrations that handle an event of this name. */
  readonly handledBy: readonly string[]
  readonly body: Buffer
  /** Unset: it came as a webhook and was verified at once. */
  readonly origin?: 'quarantine'
  /** Its event had happened long before it came: what it starts is parked until a person resumes it. */
  readonly stale?: boolean
}

export interface Recorded {
  /** Undefined: a duplicate of an event that was pruned. */
  readonly event: EventId | undefined
  /** True when nothing new came of this delivery. */
  readonly duplicate: boolean
  /** How many runs it starts; of a stale one, how many are parked. */
  readonly runs: number
}

export interface EventStore {
  /** Resolves after the commit of the event, whose runs begin from there whatever happens. Rejects with nothing stored. */
  record(delivery: VerifiedDelivery): Promise<Recorded>
}

/** Events that are stored and whose runs have not begun. */
export interface Inbox {
  /** Begins the runs of those that came first: runs and jobs commit together. `more`: there may be others. */
  dispatch(): Promise<{ readonly events: readonly EventId[]; readonly more: boolean }>
}

/** How much of one tenant may be under way, whatever its Pinpoint sends. */
export interface QuotaLimits {
  /** Events whose runs begin within a day. */
  readonly eventsPerDay: number
  /** Runs that have not ended. */
  readonly unfinishedRuns: number
}

/** What is beyond a tenant's quotas is stored and acknowledged, and begins later. */
export interface Quotas {
  /** So many runs of an event of this tenant have begun. */
  note(tenant: TenantId, runs: number): void
  /** Counts what is under way of tenants of which much was noted: what arrives of those that are over their quota is deferred from here on. Throws nothing. */
  check(): Promise<void>
  /** Makes inbox again of what was deferred, the oldest of each tenant first, as far as there is room. False: of nothing. */
  release(): Promise<boolean>
}

/** A delivery as it was refused: no signing secret verified it. */
export interface RefusedDelivery {
  /** Undefined: its address names no tenant, and no tenant's secret verified it. */
  readonly tenant: Pick<KnownTenant, 'id' | 'slug'> | undefined
  /** `*`, or the one integration that its address names. */
  readonly asked: string
  /** The header as it came. */
  readonly signature: string | undefined
  readonly body: Buffer
}

/** Neither call waits or throws: the answer to the sender depends on nothing that happens here. */
export interface Quarantine {
  refused(delivery: RefusedDelivery): void
  verified(tenant: Pick<KnownTenant, 'id'>): void
}
