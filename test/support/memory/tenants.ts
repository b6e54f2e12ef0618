/** Tenants and connections in memory: the twins of src/tenants/store/tenants.ts and src/tenants/store/connections.ts. Nothing is sealed here. */
import type { Connection } from '../../../src/tenants/connection.ts'
import type { ConnectionStore, TenantStore } from '../../../src/tenants/ports.ts'
import { type MemoryDatabase, mustGet, type StoredConnection } from './database.ts'
import { parkedUntilChanged } from './resume.ts'

export function createMemoryTenantStore(database: MemoryDatabase): TenantStore {
  const { tenants } = database
  const find = (slug: string) => [...tenants.values()].find((tenant) => tenant.slug === slug)
  return {
    async list() {
      return [...tenants.values()]
        .map(({ apiKey: _key, signingSecrets: _secrets, ...tenant }) => tenant)
        .sort((a, b) => (a.slug < b.slug ? -1 : 1))
    },
    open: async (slug) => find(slug),
    openAll: async () => [...tenants.values()].map((tenant) => ({ slug: tenant.slug, opened: tenant })),
    async remove(slug) {
      const tenant = find(slug)
      if (tenant === undefined) return false
      const gone = ({ tenant: owner }: { readonly tenant: string }) => owner === tenant.id
      tenants.delete(tenant.id)
      for (const { id } of [...database.connections.values()].filter(gone)) {
        database.connections.delete(id)
        database.circuits.delete(id)
        for (const [name, { key }] of database.limits) if (key.connection === id) database.limits.delete(name)
      }
      for (const { id } of [...database.events.values()].filter(gone)) database.events.delete(id)
      for (const { id } of [...database.runs.values()].filter(gone)) {
        for (const rows of [database.runs, database.history, database.steps]) rows.delete(id)
      }
      announce(database)
      return true
    },
  }
}

export function createMemoryConnectionStore(database: MemoryDatabase): ConnectionStore {
  const { connections, tenants, clock } = database
  const shown = (stored: StoredConnection): Connection => {
    const { secrets: _s, revision: _r, version: _v, tenant, mapping, mappings, ...connection } = stored
    const now = mapping && { written: mapping, version: mappings.length }
    return { ...connection, mapping: now, tenant: { id: tenant, slug: mustGet(tenants, tenant).slug } }
  }
  return {
    async list(slug) {
      return [...connections.values()]
        .map(shown)
        .filter(({ tenant }) => slug === undefined || tenant.slug === slug)
        .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
    },
    async open(slug, integration) {
      const tenant = [...tenants.values()].find((one) => one.slug === slug)
      const stored = [...connections.values()].find(
        (one) => one.tenant === tenant?.id && one.integration === integration,
      )
      if (tenant === undefined || stored === undefined) return undefined
      return { connection: shown(stored), secrets: stored.secrets, tenant }
    },
    async mappings(id) {
      return (connections.get(id)?.mappings ?? []).toReversed()
    },
    async setEnabled(id, enabled) {
      const stored = connections.get(id)
      const asItIs = { changed: false, resumed: 0 }
      if (stored === undefined) return asItIs
      if (stored.enabled === enabled && !(enabled && stored.paused !== undefined)) return asItIs
      const paused = enabled ? undefined : stored.paused
      connections.set(id, {
        ...stored,
        enabled,
        paused,
        revision: database.nextId('rev'),
        version: stored.version + (enabled ? 1 : 0),
        updatedAt: clock.now(),
      })
      const resumed = enabled ? parkedUntilChanged(database, [id]).length : 0
      announce(database)
      return { changed: true, resumed }
    },
  }
}

const nameOf = ({ tenant, integration }: Connection) => `${tenant.slug} ${integration}`

/** Every change of a tenant or connection is told to the processes that keep them in memory. */
export function announce({ told }: MemoryDatabase): void {
  for (const tell of told.tenants) tell()
}
