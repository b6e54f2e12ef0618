/** A connection: one tenant's use of one integration. */
import type { ConnectionId, TenantId } from '../base/ids.ts'
import type { JsonObject } from '../base/json.ts'
import type { WriteBack } from './connection-options.ts'
import { type DecryptedTenant, originOf } from './tenant.ts'

export interface Connection {
  readonly id: ConnectionId
  readonly tenant: { readonly id: TenantId; readonly slug: string }
  readonly integration: string
  readonly enabled: boolean
  /** In seconds: how long its runs wait after the hire. */
  readonly delay: number
  /** The template of its comments, as written in the file. Undefined: the sentence that names the record, and nothing else. */
  readonly comment?: string | undefined
  /** Where in Pinpoint the id of a record is written. Undefined: nowhere. */
  readonly writeBack?: WriteBack | undefined
  /** Whether a comment on the application says that a run is parked, and why. */
  readonly commentWhenParked: boolean
  /** As written in the file; defaults are filled in when they are used. */
  readonly settings: JsonObject
  /** Which field of the destination gets which value. Undefined: the integration does what it does by itself. */
  readonly mapping?: StoredMapping | undefined
  /** Set when the credentials were refused: no call is made until settings or secrets change, or a person enables it. */
  readonly paused: Pause | undefined
  readonly createdAt: Date
  readonly updatedAt: Date
}

export interface StoredMapping {
  /** As written in the file. */
  readonly written: JsonObject
  readonly version: number
}

/** Undefined where there is none now. */
export function storedMapping(row: {
  readonly mapping: JsonObject | null
  readonly mapping_version: number
}): StoredMapping | undefined {
  return row.mapping === null ? undefined : { written: row.mapping, version: row.mapping_version }
}

export interface Pause {
  readonly code: string
  readonly reason: string
  readonly fix: string
  readonly at: Date
}

/** With decrypted secrets: in memory only, never printed or logged. */
export interface DecryptedConnection {
  readonly connection: Connection
  readonly secrets: unknown
  readonly tenant: DecryptedTenant
}

/** What the AAD of a connection's secrets contains. */
export interface SecretsOwner {
  readonly id: ConnectionId
  readonly tenant: TenantId
  readonly integration: string
  /** As written in the file. */
  readonly settings: unknown
}

/** Secrets decrypt only for their tenant, integration and the URLs in the settings: if one was tampered with, no secret is sent. */
export function secretsAad({ id, tenant, integration, settings }: SecretsOwner): string {
  return `connection:${id}:secrets:${[tenant, integration, ...originsIn(settings)].join(' ')}`
}

function originsIn(settings: unknown): readonly string[] {
  const values: readonly unknown[] =
    typeof settings === 'object' && settings !== null ? Object.values(settings) : []
  const addresses = values.filter((value) => typeof value === 'string' && /^https?:/i.test(value))
  return [...new Set(addresses.map((address) => originOf(String(address))))].sort()
}
