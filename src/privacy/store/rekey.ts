/** The part of migration 0010 that needs encryption keys: SQL alone can neither decrypt an envelope nor know the installation key. */
import type { ConnectionId, TenantId } from '../../base/ids.ts'
import { SealBroken, type Sealer } from '../../base/seal.ts'
import { readHashKey } from '../../keys/store/installation-keys.ts'
import { keyedSql, keyedValues } from '../../keys/store/keyed.ts'
import type { MigrationSteps } from '../../postgres/migrate.ts'
import type { Queryable } from '../../postgres/transaction.ts'
import { secretsAad } from '../../tenants/connection.ts'
import { apiKeyAad } from '../../tenants/tenant.ts'

interface TenantRow {
  readonly id: TenantId
  readonly api_url: string
  readonly sealed_api_key: Buffer
}

interface ConnectionRow {
  readonly id: ConnectionId
  readonly tenant: TenantId
  readonly integration: string
  readonly settings: unknown
  readonly sealed_secrets: Buffer
}

/** Opens the sealer of an existing database; called only when a migration needs it. */
export type OpenSealer = () => Promise<Sealer>

/** Without keys, the migration of a database in use fails. */
export function migrationSteps(openSealer: OpenSealer = noKeys): MigrationSteps {
  return { '0010_under_attack': (client) => rekey(client, openSealer) }
}

const noKeys: OpenSealer = () =>
  Promise.reject(new Error('what is sealed in this database has to be sealed again, without keys'))

/** Runs in the transaction of the migration, once. An empty database needs no keys. */
async function rekey(client: Queryable, openSealer: OpenSealer): Promise<void> {
  const { rows } = await client.query<{ used: boolean }>(
    'select exists (select from tenants) or exists (select from quarantine) as used',
  )
  if (rows[0]?.used !== true) return
  const sealer = await openSealer()
  await bindToAddresses(client, sealer)
  const key = keyedValues(await readHashKey(client, sealer))
  await client.query(`update events set identity = ${keyedSql('identity')}`, key)
  await client.query(
    `update quarantine set signature = ${keyedSql('signature')} where signature is not null`,
    key,
  )
}

/** A value that does not decrypt under its old AAD stays as it is, and is set with `apply`, as before. */
async function bindToAddresses(client: Queryable, sealer: Sealer): Promise<void> {
  const tenants = await client.query<TenantRow>('select id, api_url, sealed_api_key from tenants for update')
  for (const { id, api_url: apiUrl, sealed_api_key: before } of tenants.rows) {
    const after = sealedFor(sealer, before, {
      from: `tenant:${id}:api-key`,
      to: apiKeyAad(id, apiUrl),
    })
    await client.query('update tenants set sealed_api_key = $2 where id = $1', [id, after])
  }
  const connections = await client.query<ConnectionRow>(
    'select id, tenant_id as tenant, integration, settings, sealed_secrets from connections for update',
  )
  for (const { sealed_secrets: before, ...owner } of connections.rows) {
    const after = sealedFor(sealer, before, {
      from: `connection:${owner.id}:secrets`,
      to: secretsAad(owner),
    })
    await client.query('update connections set sealed_secrets = $2 where id = $1', [owner.id, after])
  }
}

function sealedFor(
  sealer: Sealer,
  before: Buffer,
  { from, to }: { readonly from: string; readonly to: string },
): Buffer {
  try {
    return sealer.seal(sealer.open(before, from), to)
  } catch (error) {
    if (error instanceof SealBroken) return before
    throw error
  }
}
