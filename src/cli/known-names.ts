/** Checks the names of tenants, connections and integrations that a user typed, and suggests the nearest known name. */
import type { StoreToRead } from '../app/store-to-read.ts'
import { Refused } from '../base/failure.ts'
import { integrationNames } from '../integrations/registry.ts'
import type { Connection } from '../tenants/connection.ts'
import type { TenantStore } from '../tenants/ports.ts'
import type { Tenant } from '../tenants/tenant.ts'
import { orNear, WrongUsage } from './wrong-usage.ts'

type Tenants = Pick<TenantStore, 'list'>
type Names = Pick<StoreToRead, 'connections'> & { readonly tenants: Tenants }

export async function mustKnow(tenants: Tenants, slug: string): Promise<Tenant> {
  const tenant = (await tenants.list()).find((one) => one.slug === slug)
  if (tenant === undefined) throw await unknownTenant(tenants, slug)
  return tenant
}

export async function unknownTenant(tenants: Tenants, slug: string): Promise<Refused> {
  const near = orNear(
    slug,
    (await tenants.list()).map((one) => one.slug),
  )
  return new Refused('tenants.unknown_tenant', `There is no tenant "${slug}"${near}`)
}

export function assertIntegration(name: string, known: readonly string[] = integrationNames): void {
  if (known.includes(name)) return
  const near = orNear(name, known)
  throw new WrongUsage('cli.integration_unknown', `There is no integration "${name}"${near}`, {
    fix: `Use one of ${known.join(', ')}.`,
  })
}

export async function mustFind(store: Names, tenant: string, integration: string): Promise<Connection> {
  const found = (await store.connections.list(tenant)).find((one) => one.integration === integration)
  if (found === undefined) throw await unknownConnection(store, tenant, integration)
  return found
}

/** Throws when the tenant or the integration itself is unknown. */
export async function unknownConnection(store: Names, tenant: string, integration: string): Promise<Refused> {
  await mustKnow(store.tenants, tenant)
  assertIntegration(integration)
  const others = (await store.connections.list(tenant)).map((one) => one.integration)
  const has = others.length === 0 ? '' : ` It has: ${others.join(', ')}.`
  return new Refused(
    'tenants.unknown_connection',
    `Tenant ${tenant} has no connection to ${integration}.${has}`,
  )
}

/** For an empty list: an unknown name in the filter is an error, since the empty list would look like an answer. */
export async function mustKnowFilter(
  store: Names,
  {
    tenant,
    integration,
  }: { readonly tenant?: string | undefined; readonly integration?: string | undefined },
): Promise<void> {
  if (tenant !== undefined && integration !== undefined) await mustFind(store, tenant, integration)
  if (tenant !== undefined) await mustKnow(store.tenants, tenant)
  if (integration !== undefined) assertIntegration(integration)
}
