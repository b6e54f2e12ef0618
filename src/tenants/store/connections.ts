/** Connections in Postgres. Their secrets are decrypted in memory only. */
import type { ConnectionId, TenantId } from '../../base/ids.ts'
import type { JsonObject } from '../../base/json.ts'
import { inTransaction, queryable } from '../../postgres/transaction.ts'
import { type Connection, storedMapping } from '../connection.ts'
import type { WriteBack } from '../connection-options.ts'
import type { ConnectionStore, MappingVersion } from '../ports.ts'
import { countResumed } from './count-resumed.ts'
import { openSecrets } from './decrypt.ts'
import { announceChange, createTenantStore, type TenantDeps } from './tenants.ts'

export function createConnectionStore(deps: TenantDeps): ConnectionStore {
  return {
    ...createConnectionReader(deps),
    setEnabled: (id, enabled) =>
      inTransaction(deps.pool, async (transaction) => {
        const { rowCount } = await transaction.query(
          `update connections set enabled = $2, updated_at = now(),
             revision = case when $2 then revision + 1 else revision end,
             enabled_since = case when $2 and not enabled then now() else enabled_since end,
             paused_code = case when $2 then null else paused_code end,
             paused_reason = case when $2 then null else paused_reason end,
             paused_fix = case when $2 then null else paused_fix end,
             paused_at = case when $2 then null else paused_at end
           where id = $1 and (enabled <> $2 or ($2 and paused_code is not null))`,
          [id, enabled],
        )
        await announceChange(transaction)
        const changed = rowCount === 1
        const resumed = changed && enabled ? await countResumed(transaction, [id]) : 0
        return { changed, resumed }
      }),
  }
}

export function createConnectionReader(
  deps: TenantDeps,
): Pick<ConnectionStore, 'list' | 'open' | 'mappings'> {
  const client = queryable(deps.pool)
  const tenants = createTenantStore(deps)
  return {
    async list(tenantSlug) {
      const { rows } = await client.query<ConnectionRow>(
        `${select} where $1::text is null or tenants.slug = $1 order by tenants.slug, connections.integration`,
        [tenantSlug ?? null],
      )
      return rows.map(toConnection)
    },
    async open(tenantSlug, integration) {
      const { rows } = await client.query<ConnectionRow>(
        `${select} where tenants.slug = $1 and connections.integration = $2`,
        [tenantSlug, integration],
      )
      const [row] = rows
      const tenant = await tenants.open(tenantSlug)
      if (row === undefined || tenant === undefined) return undefined
      const secrets = openSecrets({ ...row, connection_id: row.id }, deps.sealer)
      return { connection: toConnection(row), secrets, tenant }
    },
    async mappings(id) {
      const { rows } = await client.query<MappingVersion>(
        'select version, mapping, at, actor from mapping_versions where connection_id = $1 order by version desc',
        [id],
      )
      return rows
    },
  }
}

interface ConnectionRow {
  readonly id: ConnectionId
  readonly tenant_id: TenantId
  readonly slug: string
  readonly integration: string
  readonly enabled: boolean
  readonly delay_seconds: number
  readonly comment: string | null
  readonly write_back: WriteBack | null
  readonly comment_when_parked: boolean
  readonly settings: JsonObject
  readonly mapping: JsonObject | null
  readonly mapping_version: number
  readonly sealed_secrets: Buffer
  readonly paused_code: string | null
  readonly paused_reason: string | null
  readonly paused_fix: string | null
  readonly paused_at: Date | null
  readonly created_at: Date
  readonly updated_at: Date
}

const select = `select connections.*, tenants.slug from connections join tenants on tenants.id = connections.tenant_id`

function toConnection(row: ConnectionRow): Connection {
  return {
    id: row.id,
    tenant: { id: row.tenant_id, slug: row.slug },
    integration: row.integration,
    enabled: row.enabled,
    delay: row.delay_seconds,
    comment: row.comment ?? undefined,
    writeBack: row.write_back ?? undefined,
    commentWhenParked: row.comment_when_parked,
    settings: row.settings,
    mapping: storedMapping(row),
    paused:
      row.paused_code === null || row.paused_at === null
        ? undefined
        : {
            code: row.paused_code,
            reason: row.paused_reason ?? '',
            fix: row.paused_fix ?? '',
            at: row.paused_at,
          },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
