/** Makes tenants and connections match the file, all or nothing. Repeated, it changes nothing; it never removes anything. */
import { isDeepStrictEqual } from 'node:util'

import { type ConnectionId, newConnectionId, newTenantId, type TenantId } from '../base/ids.ts'
import type { JsonObject } from '../base/json.ts'
import {
  type DeclarationContext,
  type DeclaredConnection,
  type DeclaredTenant,
  invalid,
  readDeclaration,
} from './declaration.ts'
import type { DeclarationStore, DeclaredRecord, DeclaredRecords } from './ports.ts'
import { secretFaults } from './signing-secrets.ts'

export interface ApplyDeps extends DeclarationContext {
  readonly store: DeclarationStore
  /** Default: new ones. */
  readonly ids?: NewIds
  /** Who applies it, as the machine knows them. */
  readonly actor?: string
}

interface NewIds {
  readonly tenant: () => TenantId
  readonly connection: () => ConnectionId
}

const newIds: NewIds = { tenant: newTenantId, connection: newConnectionId }

export type Outcome = 'created' | 'changed' | 'unchanged'

export interface AppliedConnection {
  readonly id: ConnectionId
  readonly integration: string
  readonly enabled: boolean
  readonly outcome: Outcome
  /** Names of what changed: `enabled`, `delay`, `comment`, `writeBack`, `commentWhenParked`, `settings`, `mapping`, `secrets`. Never values. */
  readonly changed: readonly string[]
  /** Settings that the file does not name, and whose former default the connection keeps, such as `documents: shared`. */
  readonly kept: readonly string[]
  /** It was paused, since its credentials had been refused, and no longer is. */
  readonly unpaused: boolean
}

export interface AppliedTenant {
  readonly slug: string
  readonly outcome: Outcome
  /** `apiUrl`, `apiKey`, `signingSecrets`, `demoHires`, `sweep`, `keepFinishedFor`. */
  readonly changed: readonly string[]
  readonly connections: readonly AppliedConnection[]
}

export interface ApplyReport {
  readonly tenants: readonly AppliedTenant[]
  /** Connections with a change that may let their parked runs go on. */
  readonly changed: readonly ConnectionId[]
  /** How many parked runs go on. */
  readonly resumed: number
}

export async function applyDeclaration(deps: ApplyDeps, text: string): Promise<ApplyReport> {
  const { tenants } = readDeclaration(text, deps)
  const { ids = newIds, integrations, actor } = deps
  return deps.store.change(async (records) => {
    const faults = secretFaults(tenants, await records.secrets())
    if (faults.length > 0) throw invalid(faults)
    const applied: Applied[] = []
    for (const declared of tenants)
      applied.push(await applyTenant({ records, ids, integrations, actor }, declared))
    const changed = applied.flatMap(({ affected }) => affected)
    const resumed = changed.length === 0 ? 0 : await records.resume(changed)
    return { tenants: applied.map(({ tenant }) => tenant), changed, resumed }
  })
}

interface Into extends Pick<DeclarationContext, 'integrations'> {
  readonly records: DeclaredRecords
  readonly ids: NewIds
  readonly actor: string | undefined
}

interface Applied {
  readonly tenant: AppliedTenant
  readonly affected: readonly ConnectionId[]
}

async function applyTenant(into: Into, declared: DeclaredTenant): Promise<Applied> {
  const { records, ids } = into
  const { slug, pinpoint, sweep, keepFinishedFor, timeZone } = declared
  const wanted = { ...pinpoint, sweep, keepFinishedFor, timeZone }
  const before = await records.find(slug)
  const { outcome, changed } = compare(before, wanted)
  const id = before?.id ?? ids.tenant()
  if (outcome !== 'unchanged') await records.writeTenant({ id, slug, ...wanted })

  const existing = before?.connections ?? []
  const connections: AppliedConnection[] = []
  for (const connection of declared.connections) {
    const stored = existing.find(({ integration }) => integration === connection.integration)
    connections.push(await applyConnection(into, { tenant: id, before: stored }, connection))
  }

  // Every run calls Pinpoint too: what was refused there may work now, also for connections the file does not name.
  const pinpointChanged = changed.includes('apiUrl') || changed.includes('apiKey')
  const affected = existing.filter((stored) => {
    const applied = connections.find((connection) => connection.id === stored.id)
    return (applied ?? stored).enabled && (pinpointChanged || (applied !== undefined && resumesRuns(applied)))
  })
  const unpaused = affected.filter(({ paused }) => paused).map((stored) => stored.id)
  const reported = connections.map((connection) => ({
    ...connection,
    unpaused: unpaused.includes(connection.id),
  }))
  return {
    tenant: { slug, outcome, changed, connections: reported },
    affected: affected.map((stored) => stored.id),
  }
}

async function applyConnection(
  { records, ids, integrations, actor }: Into,
  {
    tenant,
    before,
  }: { readonly tenant: DeclaredRecord['id']; readonly before: StoredConnection | undefined },
  {
    integration,
    enabled,
    delay,
    comment,
    writeBack,
    commentWhenParked,
    settings,
    mapping,
    secrets,
  }: DeclaredConnection,
): Promise<AppliedConnection> {
  const kept = keptDefaults(
    integrations.find(({ name }) => name === integration)?.formerDefaults,
    before?.settings,
    settings,
  )
  const wanted = {
    enabled,
    delay,
    comment,
    writeBack,
    commentWhenParked,
    settings: { ...(settings as JsonObject), ...kept },
    mapping: mapping as JsonObject | undefined,
    secrets: secrets as JsonObject,
  }
  const { outcome, changed } = compare(before, wanted)
  const id = before?.id ?? ids.connection()
  if (outcome !== 'unchanged') await records.writeConnection({ id, tenant, integration, actor, ...wanted })
  const shown = Object.entries(kept).map(([name, value]) => `${name}: ${value}`)
  return { id, integration, enabled, outcome, changed, kept: shown, unpaused: false }
}

function keptDefaults(
  former: Readonly<Record<string, string>> = {},
  stored: JsonObject = {},
  declared: JsonObject,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(former).filter(([name, value]) => stored[name] === value && declared[name] === undefined),
  )
}

type StoredConnection = DeclaredRecord['connections'][number]

/** No run is parked because of the delay or the comments. */
function resumesRuns({ changed }: AppliedConnection): boolean {
  return ['enabled', 'settings', 'mapping', 'secrets'].some((name) => changed.includes(name))
}

/** `changed` names the keys of `wanted` whose value differs; the order of keys inside a value does not matter. */
function compare<Wanted extends object>(
  before: { readonly [Key in keyof Wanted]: unknown } | undefined,
  wanted: Wanted,
): { readonly outcome: Outcome; readonly changed: readonly (keyof Wanted & string)[] } {
  if (before === undefined) return { outcome: 'created', changed: [] }
  const keys = Object.keys(wanted) as (keyof Wanted & string)[]
  const changed = keys.filter((key) => !isDeepStrictEqual(before[key], wanted[key]))
  return { outcome: changed.length === 0 ? 'unchanged' : 'changed', changed }
}
