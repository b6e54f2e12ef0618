/**
 * The tables in memory, for the twins of the stores beside this file. Each of their methods does all of its reading and writing
 * before it first awaits, so that it is one transaction; ids are counted, so that the same calls give the same rows.
 */
import type { Clock } from '../../../src/base/clock.ts'
import type { ResumesOn, WaitKind } from '../../../src/base/failure.ts'
import type { ConnectionId, EventId, RunId, TenantId } from '../../../src/base/ids.ts'
import type { JsonObject } from '../../../src/base/json.ts'
import type { KnownLimit } from '../../../src/base/rate-limit.ts'
import type { SeenHire } from '../../../src/hires/hire.ts'
import type { Resumption } from '../../../src/operator/operate.ts'
import type { Extra } from '../../../src/pinpoint/read-hire.ts'
import type { JournalStep } from '../../../src/runs/ports.ts'
import type { CallCounts, Circuit, RunState } from '../../../src/runs/run.ts'
import type { Pause } from '../../../src/tenants/connection.ts'
import type { WriteBack } from '../../../src/tenants/connection-options.ts'
import type { MappingVersion } from '../../../src/tenants/ports.ts'
import type { DecryptedTenant } from '../../../src/tenants/tenant.ts'

export interface StoredConnection {
  readonly id: ConnectionId
  readonly tenant: TenantId
  readonly integration: string
  readonly enabled: boolean
  readonly delay: number
  readonly comment: string | undefined
  readonly writeBack: WriteBack | undefined
  readonly commentWhenParked: boolean
  readonly settings: JsonObject
  readonly mapping: JsonObject | undefined
  /** The newest last. */
  readonly mappings: readonly MappingVersion[]
  readonly secrets: JsonObject
  readonly paused: Pause | undefined
  /** Another one after each change. */
  readonly revision: string
  /** Goes up when its parked runs may go on: `connections.revision`. */
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

export interface StoredEvent {
  readonly id: EventId
  readonly tenant: TenantId
  readonly name: string | undefined
  readonly subject: string | undefined
  readonly triggeredAt: Date | undefined
  readonly identity: string
  readonly receivedAt: Date
  asked: readonly string[]
  deliveries: number
}

export interface StoredDeferral {
  readonly tenant: TenantId
  readonly event: EventId
  readonly integrations: readonly string[]
  readonly stale: boolean
}

export interface StoredRun {
  /** Of a run that is parked until its connection changes: the version that it has seen. */
  connectionVersion?: number | undefined
  readonly id: RunId
  readonly tenant: TenantId
  readonly connection: ConnectionId
  readonly event: EventId
  readonly integration: string
  readonly subject: string
  readonly generation: number
  readonly createdAt: Date
  updatedAt: Date
  state: RunState
  turn: number
  attempt: number
  failures: number
  takeovers: number
  held?: 'alone' | 'let_go' | undefined
  lease?: string | undefined
  worker?: string | undefined
  firstFailedAt?: Date | undefined
  followUpSince?: Date | undefined
  nextAt?: Date | undefined
  resumedAt?: Date | undefined
  settledBy?: string | undefined
  waitedFor?: WaitKind | undefined
  waitingFor?: RunId | undefined
  code?: string | undefined
  reason?: string | undefined
  fix?: string | undefined
  resumesOn?: ResumesOn | undefined
  result?: JsonObject | undefined
  mappingVersion?: number | undefined
  decision?: { readonly of: Resumption; readonly at: Date; readonly before: Date } | undefined
}

export interface StoredHistory {
  readonly at: Date
  readonly attempt: number
  readonly state: RunState
  readonly code: string | undefined
  readonly reason: string
  readonly calls: CallCounts | null
}

export interface StoredStep extends JournalStep {
  readonly mappingVersion?: number | undefined
  readonly finishedAt: Date
}

export interface StoredCircuit extends Circuit {
  readonly connectionVersion: number
  probes: number
  probeAt: Date
  comesAt: Date
}

export interface StoredJob {
  readonly id: string
  readonly connection: ConnectionId
  readonly number: number
  readonly run: RunId
  readonly turn: number
  readonly replay: boolean
  startAfter: Date
  /** Somebody has it. */
  active: boolean
  /** How often it was handed out before; undefined: never yet. */
  delivery: number | undefined
  startedAt: Date
  heartbeatAt: Date
}

export interface MemoryDatabase {
  readonly clock: Clock
  readonly tenants: Map<TenantId, DecryptedTenant>
  /** What a tenant's Pinpoint refuses to send along with an application. */
  readonly refusedExtras: Map<TenantId, readonly Extra[]>
  readonly connections: Map<ConnectionId, StoredConnection>
  readonly events: Map<EventId, StoredEvent>
  /** Tenant and identity of each event that was pruned. */
  readonly tombstones: Set<string>
  /** By tenant and application. */
  readonly hires: Map<string, SeenHire>
  readonly overQuota: Set<TenantId>
  /** The oldest first. */
  readonly deferred: StoredDeferral[]
  readonly runs: Map<RunId, StoredRun>
  readonly history: Map<RunId, StoredHistory[]>
  readonly steps: Map<RunId, Map<string, StoredStep>>
  /** By scope and bucket. */
  readonly limits: Map<string, KnownLimit>
  readonly circuits: Map<ConnectionId, StoredCircuit>
  readonly jobs: Map<string, StoredJob>
  /** Called at the commit of what is worth a notification: work that is due, a tenant that has changed. */
  readonly told: { readonly work: Set<() => void>; readonly tenants: Set<() => void> }
  /** `prefix_000001`, counted over all prefixes. */
  readonly nextId: (prefix: string) => string
}

export function createMemoryDatabase(clock: Clock): MemoryDatabase {
  let made = 0
  return {
    clock,
    tenants: new Map(),
    refusedExtras: new Map(),
    connections: new Map(),
    events: new Map(),
    tombstones: new Set(),
    hires: new Map(),
    overQuota: new Set(),
    deferred: [],
    runs: new Map(),
    history: new Map(),
    steps: new Map(),
    limits: new Map(),
    circuits: new Map(),
    jobs: new Map(),
    told: { work: new Set(), tenants: new Set() },
    nextId: (prefix) => `${prefix}_${String(++made).padStart(6, '0')}`,
  }
}

/** The row of the map that must be there: the twin of a foreign key. */
export function mustGet<Key extends string, Row>(rows: ReadonlyMap<Key, Row>, key: Key): Row {
  const row = rows.get(key)
  if (row === undefined) throw new Error(`there is no row ${key}`)
  return row
}

export function addHistory(
  database: MemoryDatabase,
  run: StoredRun & { readonly calls?: CallCounts | undefined },
  reason = '',
): void {
  const entries = database.history.get(run.id) ?? []
  const { attempt, state, code, calls = null } = run
  entries.push({ at: database.clock.now(), attempt, state, code, reason, calls })
  database.history.set(run.id, entries)
}
