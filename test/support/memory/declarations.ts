/** Applying a declaration in memory: the twin of src/tenants/store/declarations.ts. All or nothing, one at a time. */
import { isDeepStrictEqual } from 'node:util'

import type { JsonObject } from '../../../src/base/json.ts'
import { parseJson } from '../../../src/base/json.ts'
import type { DeclarationStore, DeclaredRecords } from '../../../src/tenants/ports.ts'
import type { MappingVersion } from '../../../src/tenants/ports.ts'
import type { MemoryDatabase, StoredConnection } from './database.ts'
import { parkedUntilChanged } from './resume.ts'
import { announce } from './tenants.ts'

export function createMemoryDeclarationStore(database: MemoryDatabase): DeclarationStore {
  let turn: Promise<unknown> = Promise.resolve()
  return {
    change(work) {
      const mine = turn.then(async () => {
        const before = { tenants: new Map(database.tenants), connections: new Map(database.connections) }
        try {
          const result = await work(recordsIn(database))
          announce(database)
          return result
        } catch (error) {
          restore(database.tenants, before.tenants)
          restore(database.connections, before.connections)
          throw error
        }
      })
      turn = mine.catch(() => undefined)
      return mine
    },
  }
}

function restore<Key, Row>(rows: Map<Key, Row>, before: ReadonlyMap<Key, Row>): void {
  rows.clear()
  for (const [key, row] of before) rows.set(key, row)
}

/** A change makes a version of its own. */
function versions(
  before: StoredConnection | undefined,
  { mapping, actor = 'unknown' }: Parameters<DeclaredRecords['writeConnection']>[0],
  at: Date,
): readonly MappingVersion[] {
  const known = before?.mappings ?? []
  if (isDeepStrictEqual(before?.mapping, mapping)) return known
  return [...known, { version: known.length + 1, mapping: mapping ? copied(mapping) : null, at, actor }]
}

/** Stored as text in the database, so what is read is never the object that was written. */
const copied = (value: JsonObject) => parseJson(JSON.stringify(value)) as JsonObject

function recordsIn(database: MemoryDatabase): DeclaredRecords {
  const { tenants, connections, clock, nextId } = database
  return {
    async secrets() {
      return [...tenants.values()].map(({ slug, apiUrl, signingSecrets }) => ({
        slug,
        apiUrl,
        signingSecrets,
      }))
    },
    async find(slug) {
      const tenant = [...tenants.values()].find((one) => one.slug === slug)
      if (tenant === undefined) return undefined
      const { slug: _s, createdAt: _c, updatedAt: _u, ...declared } = tenant
      const mine = [...connections.values()]
        .filter((connection) => connection.tenant === tenant.id)
        .sort((a, b) => (a.integration < b.integration ? -1 : 1))
        .map(
          ({
            tenant: _,
            mappings: _m,
            revision: _r,
            version: _v,
            createdAt: _c,
            updatedAt: _u,
            paused,
            ...declared
          }) => {
            return { ...declared, paused: paused !== undefined }
          },
        )
      return { ...declared, timeZone: tenant.timeZone, connections: mine }
    },
    async writeTenant(tenant) {
      const createdAt = tenants.get(tenant.id)?.createdAt ?? clock.now()
      tenants.set(tenant.id, { ...tenant, createdAt, updatedAt: clock.now() })
    },
    async writeConnection(given) {
      const { id, tenant, integration, enabled, delay, comment, writeBack, commentWhenParked } = given
      const before = connections.get(id)
      connections.set(id, {
        id,
        tenant,
        integration,
        enabled,
        delay,
        comment,
        writeBack,
        commentWhenParked,
        settings: copied(given.settings),
        mapping: given.mapping && copied(given.mapping),
        mappings: versions(before, given, clock.now()),
        secrets: copied(given.secrets),
        paused: before?.paused,
        revision: nextId('rev'),
        version: before?.version ?? 0,
        createdAt: before?.createdAt ?? clock.now(),
        updatedAt: clock.now(),
      })
    },
    async resume(ids) {
      for (const id of ids) {
        const connection = connections.get(id)
        if (connection === undefined) continue
        connections.set(id, { ...connection, paused: undefined, version: connection.version + 1 })
      }
      return parkedUntilChanged(database, ids).length
    },
  }
}
