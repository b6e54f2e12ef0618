/** Applies a declaration in Postgres: one transaction, one at a time, announced with its commit. */
import type { ConnectionId } from '../../base/ids.ts'
import type { JsonObject } from '../../base/json.ts'
import { SealBroken, type Sealer } from '../../base/seal.ts'
import { inTransaction, type Queryable } from '../../postgres/transaction.ts'
import { secretsAad } from '../connection.ts'
import type { WriteBack } from '../connection-options.ts'
import type { DeclarationStore, DeclaredRecord, DeclaredRecords } from '../ports.ts'
import type { SecretsOfTenant } from '../signing-secrets.ts'
import { defaultSweep } from '../sweep-schedule.ts'
import { apiKeyAad, signingSecretsAad } from '../tenant.ts'
import { countResumed } from './count-resumed.ts'
import { openApiKey, openSecrets } from './decrypt.ts'
import {
  announceChange,
  openSigningSecrets,
  type TenantDeps,
  type TenantRow,
  toKeepFinished,
  toSweep,
} from './tenants.ts'

export function createDeclarationStore({ pool, sealer }: TenantDeps): DeclarationStore {
  return {
    change: (work) =>
      inTransaction(pool, async (client) => {
        // Conflicts with itself only: deliveries, which refer to tenants, are not blocked.
        await client.query(`lock table tenants in share row exclusive mode`)
        const result = await work(recordsIn(client, sealer))
        await announceChange(client)
        return result
      }),
  }
}

function recordsIn(client: Queryable, sealer: Sealer): DeclaredRecords {
  return {
    secrets: () => secretsOfTenants(client, sealer),
    find: (slug) => find(client, sealer, slug),
    async writeTenant({ id, slug, apiUrl, apiKey, signingSecrets, sweep, ...given }) {
      await client.query(
        `insert into tenants (id, slug, api_url, sealed_api_key, sealed_signing_secrets, sweep_every_seconds,
           sweep_look_back_seconds, keep_finished_seconds, time_zone, demo_hires)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         on conflict (id) do update set api_url = excluded.api_url, sealed_api_key = excluded.sealed_api_key,
           sealed_signing_secrets = excluded.sealed_signing_secrets, sweep_every_seconds = excluded.sweep_every_seconds,
           sweep_look_back_seconds = excluded.sweep_look_back_seconds,
           keep_finished_seconds = excluded.keep_finished_seconds, time_zone = excluded.time_zone,
           demo_hires = excluded.demo_hires, refused_extras = '{}', updated_at = now()`,
        [
          id,
          slug,
          apiUrl,
          sealer.seal(apiKey, apiKeyAad(id, apiUrl)),
          sealer.sealJson(signingSecrets, signingSecretsAad(id)),
          sweep === 'off' ? null : sweep.everySeconds,
          (sweep === 'off' ? defaultSweep : sweep).lookBackSeconds,
          given.keepFinishedFor === 'forever' ? null : given.keepFinishedFor,
          given.timeZone ?? null,
          given.demoHires,
        ],
      )
    },
    writeConnection: (connection) => writeConnection(client, sealer, connection),
    async resume(connections) {
      await client.query(
        `update connections set paused_code = null, paused_reason = null, paused_fix = null, paused_at = null,
           revision = revision + 1
         where id = any ($1)`,
        [connections],
      )
      return countResumed(client, connections)
    },
  }
}

async function writeConnection(
  client: Queryable,
  sealer: Sealer,
  {
    id,
    tenant,
    integration,
    enabled,
    settings,
    mapping,
    secrets,
    actor,
    ...when
  }: Parameters<DeclaredRecords['writeConnection']>[0],
): Promise<void> {
  await client.query(
    `insert into connections (id, tenant_id, integration, enabled, settings, sealed_secrets, delay_seconds,
       comment_when_parked, mapping, mapping_version, comment, write_back)
     values ($1, $2, $3, $4, $5::jsonb, $6, $7, $8, $9::jsonb, case when $9::jsonb is null then 0 else 1 end, $10, $11)
     on conflict (id) do update set enabled = excluded.enabled, settings = excluded.settings,
       delay_seconds = excluded.delay_seconds, comment_when_parked = excluded.comment_when_parked, comment = excluded.comment,
       write_back = excluded.write_back,
       sealed_secrets = excluded.sealed_secrets, updated_at = now(), mapping = excluded.mapping,
       mapping_version = connections.mapping_version + (connections.mapping is distinct from excluded.mapping)::int,
       enabled_since = case when excluded.enabled and not connections.enabled then now() else connections.enabled_since end`,
    [
      id,
      tenant,
      integration,
      enabled,
      JSON.stringify(settings),
      sealer.sealJson(secrets, secretsAad({ id, tenant, integration, settings })),
      when.delay,
      when.commentWhenParked,
      mapping === undefined ? null : JSON.stringify(mapping),
      when.comment ?? null,
      when.writeBack ?? null,
    ],
  )
  await client.query(
    `insert into mapping_versions (connection_id, version, mapping, actor)
     select id, mapping_version, mapping, $2 from connections where id = $1 and mapping_version > 0
     on conflict do nothing`,
    [id, actor ?? 'unknown'],
  )
}

export async function secretsOfTenants(
  client: Queryable,
  sealer: Sealer,
): Promise<readonly SecretsOfTenant[]> {
  const { rows } = await client.query<Pick<TenantRow, 'id' | 'slug' | 'api_url' | 'sealed_signing_secrets'>>(
    'select id, slug, api_url, sealed_signing_secrets from tenants order by slug',
  )
  return rows.map((row) => ({
    ...{ slug: row.slug, apiUrl: row.api_url },
    signingSecrets: openOrUndefined(() => openSigningSecrets(row, sealer)),
  }))
}

interface StoredConnectionRow {
  readonly id: ConnectionId
  readonly integration: string
  readonly enabled: boolean
  readonly delay: number
  readonly comment: string | null
  readonly writeBack: WriteBack | null
  readonly commentWhenParked: boolean
  readonly settings: JsonObject
  readonly mapping: JsonObject | null
  readonly sealed_secrets: Buffer
  readonly paused: boolean
}

async function find(client: Queryable, sealer: Sealer, slug: string): Promise<DeclaredRecord | undefined> {
  const tenants = await client.query<TenantRow>(`select * from tenants where slug = $1`, [slug])
  const [tenant] = tenants.rows
  if (tenant === undefined) return undefined
  // `no key update`: does not block a delivery that stores a run for one of these.
  const connections = await client.query<StoredConnectionRow>(
    `select id, integration, enabled, delay_seconds as delay, comment_when_parked as "commentWhenParked", settings,
       mapping, comment, write_back as "writeBack", sealed_secrets, paused_code is not null as paused
     from connections where tenant_id = $1 order by integration for no key update`,
    [tenant.id],
  )
  return {
    id: tenant.id,
    apiUrl: tenant.api_url,
    apiKey: openOrUndefined(() => openApiKey({ ...tenant, tenant_id: tenant.id }, sealer)),
    signingSecrets: openOrUndefined(() => openSigningSecrets(tenant, sealer)),
    demoHires: tenant.demo_hires,
    sweep: toSweep(tenant),
    keepFinishedFor: toKeepFinished(tenant),
    timeZone: tenant.time_zone ?? undefined,
    connections: connections.rows.map(({ sealed_secrets: sealed, mapping, comment, writeBack, ...row }) => ({
      ...row,
      mapping: mapping ?? undefined,
      comment: comment ?? undefined,
      writeBack: writeBack ?? undefined,
      secrets: openOrUndefined(() =>
        openSecrets({ ...row, connection_id: row.id, tenant_id: tenant.id, sealed_secrets: sealed }, sealer),
      ),
    })),
  }
}

/** Applying the file again is how a person recovers from lost keys, so a value that does not decrypt counts as changed. */
function openOrUndefined<T>(open: () => T): T | undefined {
  try {
    return open()
  } catch (error) {
    if (error instanceof SealBroken) return undefined
    throw error
  }
}
