/** What intake needs from other rooms. */
import type { Failure } from '../base/failure.ts'
import type { EventId, TenantId } from '../base/ids.ts'

export interface KnownTenant {
  readonly id: TenantId
  readonly slug: string
  /** Decrypted, in memory only. Several during a rotation; never empty. */
  readonly signingSecrets: readonly string[]
  /** How long finished work is kept, in seconds. */
  readonly keepFinishedFor: 'forever' | number
}

export interface TenantDirectory {
  bySlug(slug: string): Promise<KnownTenant | undefined>
  all(): Promise<readonly KnownTenant[]>
  /** The tenants whose secrets do not decrypt here, by slug: their deliveries cannot be distinguished from forged ones. */
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
  /** Its event happened long before it came: the runs that it starts are parked until a person resumes them. */
  readonly stale?: boolean
}

export interface Recorded {
  /** Undefined: a duplicate of a pruned event. */
  readonly event: EventId | undefined
  /** True when this delivery changed nothing. */
  readonly duplicate: boolean
  /** How many runs it starts; of a stale one, how many are parked. */
  readonly runs: number
}

export interface EventStore {
  /** Resolves after the commit of the event, which is then dispatched whatever happens. Rejects with nothing stored. */
  record(delivery: VerifiedDelivery): Promise<Recorded>
}

/** Events that are stored and not dispatched yet. */
export interface Inbox {
  /** Dispatches the oldest: runs and jobs commit together. `more`: there may be others. */
  dispatch(): Promise<{ readonly events: readonly EventId[]; readonly more: boolean }>
}

/** Limits the work of one tenant, whatever its Pinpoint sends. */
export interface QuotaLimits {
  /** Events that are dispatched within a day. */
  readonly eventsPerDay: number
  /** Runs that have not ended. */
  readonly unfinishedRuns: number
}

/** Events beyond a tenant's quotas are stored and acknowledged, and dispatched later. */
export interface Quotas {
  /** An event of this tenant was dispatched to this number of runs. */
  note(tenant: TenantId, runs: number): void
  /** Counts the work of tenants for which much was noted, and marks those that are over their quota: their next events are deferred. Never throws. */
  check(): Promise<void>
  /** Moves deferred events to the inbox, the oldest of each tenant first, as far as there is room. False: none. */
  release(): Promise<boolean>
}

/** A refused delivery: no signing secret verified it. */
export interface RefusedDelivery {
  /** Undefined: its URL names no tenant, and no tenant's secret verified it. */
  readonly tenant: Pick<KnownTenant, 'id' | 'slug'> | undefined
  /** `*`, or the one integration that its URL names. */
  readonly asked: string
  /** The header as received. */
  readonly signature: string | undefined
  readonly body: Buffer
}

/** Neither call waits or throws: the answer to the sender does not depend on it. */
export interface Quarantine {
  refused(delivery: RefusedDelivery): void
  verified(tenant: Pick<KnownTenant, 'id'>): void
}
