/** The storage that this room needs. Every change is announced to the other processes in its own transaction. */
import type { Failure } from '../base/failure.ts'
import type { ConnectionId, TenantId } from '../base/ids.ts'
import type { JsonObject } from '../base/json.ts'
import type { Extra } from '../pinpoint/read-hire.ts'
import type { Connection, DecryptedConnection } from './connection.ts'
import type { WriteBack } from './connection-options.ts'
import type { KeepFinished } from './retention.ts'
import type { SecretsOfTenant } from './signing-secrets.ts'
import type { SweepSchedule } from './sweep-schedule.ts'
import type { DecryptedTenant, Tenant } from './tenant.ts'

export interface TenantStore {
  list(): Promise<readonly Tenant[]>
  /** With decrypted secrets; rejects when they do not decrypt. */
  open(slug: string): Promise<DecryptedTenant | undefined>
  /** A tenant whose secrets do not decrypt must not affect the others, so its failure is in its place. */
  openAll(): Promise<readonly { readonly slug: string; readonly opened: DecryptedTenant | Failure }[]>
  /** With its connections, events and runs. False when there was none. */
  remove(slug: string): Promise<boolean>
}

/** What a tenant's Pinpoint refuses to send along with an application. Whoever reads a tenant is told it. */
export interface RefusedExtras {
  note(tenant: TenantId, refused: readonly Extra[]): Promise<void>
}

export interface ConnectionStore {
  /** Of one tenant, or of all. */
  list(tenantSlug?: string): Promise<readonly Connection[]>
  open(tenantSlug: string, integration: string): Promise<DecryptedConnection | undefined>
  /** Every mapping that it has had, the newest first. */
  mappings(id: ConnectionId): Promise<readonly MappingVersion[]>
  /** Enabling also ends a pause, and resumes the runs that were parked until then. */
  setEnabled(id: ConnectionId, enabled: boolean): Promise<EnabledChange>
}

export interface MappingVersion {
  readonly version: number
  /** Null: it was removed. */
  readonly mapping: JsonObject | null
  readonly at: Date
  /** Who has applied it, as the machine knew them. */
  readonly actor: string
}

export interface EnabledChange {
  /** False when nothing had to change. */
  readonly changed: boolean
  /** How many runs resume. */
  readonly resumed: number
}

export interface DeclarationStore {
  /** One transaction: all of `work` or nothing. Concurrent changes are serialised. */
  change<T>(work: (records: DeclaredRecords) => Promise<T>): Promise<T>
}

/** What is stored of a declared tenant. Secrets that do not decrypt are undefined, and written again. */
export interface DeclaredRecord {
  readonly id: TenantId
  readonly apiUrl: string
  readonly apiKey: string | undefined
  readonly signingSecrets: readonly string[] | undefined
  readonly demoHires: boolean
  readonly sweep: SweepSchedule
  readonly keepFinishedFor: KeepFinished
  readonly timeZone: string | undefined
  readonly connections: readonly {
    readonly id: ConnectionId
    readonly integration: string
    readonly enabled: boolean
    readonly delay: number
    readonly comment: string | undefined
    readonly writeBack: WriteBack | undefined
    readonly commentWhenParked: boolean
    readonly settings: JsonObject
    /** Undefined: none. */
    readonly mapping: JsonObject | undefined
    readonly secrets: unknown
    readonly paused: boolean
  }[]
}

export interface DeclaredRecords {
  /** Of all tenants. */
  secrets(): Promise<readonly SecretsOfTenant[]>
  find(slug: string): Promise<DeclaredRecord | undefined>
  writeTenant(tenant: {
    readonly id: TenantId
    readonly slug: string
    readonly apiUrl: string
    readonly apiKey: string
    readonly signingSecrets: readonly string[]
    readonly demoHires: boolean
    readonly sweep: SweepSchedule
    readonly keepFinishedFor: KeepFinished
    readonly timeZone?: string | undefined
  }): Promise<void>
  writeConnection(connection: {
    readonly id: ConnectionId
    readonly tenant: TenantId
    readonly integration: string
    readonly enabled: boolean
    /** In seconds. */
    readonly delay: number
    readonly comment?: string | undefined
    readonly writeBack?: WriteBack | undefined
    readonly commentWhenParked: boolean
    readonly settings: JsonObject
    /** A change makes a version of its own. */
    readonly mapping?: JsonObject | undefined
    readonly secrets: JsonObject
    /** Who applies it, as the machine knows them. */
    readonly actor?: string | undefined
  }): Promise<void>
  /** Ends their pauses, and resumes runs that were parked until these connections change. Returns their number. */
  resume(connections: readonly ConnectionId[]): Promise<number>
}
