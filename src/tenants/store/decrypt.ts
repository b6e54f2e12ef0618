/** Decrypts the secrets in a row of a tenant or connection: the only place that knows their AADs. */
import type { ConnectionId, TenantId } from '../../base/ids.ts'
import type { Sealer } from '../../base/seal.ts'
import { secretsAad } from '../connection.ts'
import { apiKeyAad } from '../tenant.ts'

export interface SealedApiKey {
  readonly tenant_id: TenantId
  readonly api_url: string
  readonly sealed_api_key: Buffer
}

/** Throws `SealBroken` when it does not decrypt, for example because the URL in the row was changed. */
export function openApiKey(row: SealedApiKey, sealer: Sealer): string {
  return sealer.open(row.sealed_api_key, apiKeyAad(row.tenant_id, row.api_url)).toString('utf8')
}

export interface SealedSecrets {
  readonly connection_id: ConnectionId
  readonly tenant_id: TenantId
  readonly integration: string
  readonly settings: unknown
  readonly sealed_secrets: Buffer
}

/** Throws `SealBroken` when they do not decrypt, for example because tenant, integration or a URL in the row was changed. */
export function openSecrets(row: SealedSecrets, sealer: Sealer): unknown {
  const { connection_id: id, tenant_id: tenant, integration, settings } = row
  return sealer.openJson(row.sealed_secrets, secretsAad({ id, tenant, integration, settings }))
}
