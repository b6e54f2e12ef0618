/** `--tenant`, where a command is about one tenant. */
import type { StoreToRead } from '../app/store-to-read.ts'
import type { DecryptedTenant } from '../tenants/tenant.ts'
import type { Input, OptionDefinition } from './command.ts'
import { unknownTenant } from './known-names.ts'
import { WrongUsage } from './wrong-usage.ts'

export const tenantOption: OptionDefinition = {
  name: 'tenant',
  value: 'TENANT',
  description: "The tenant's slug",
}

export async function tenantOf(
  input: Input,
  { tenants }: Pick<StoreToRead, 'tenants'>,
): Promise<DecryptedTenant> {
  const slug = slugOf(input)
  const tenant = await tenants.open(slug)
  if (tenant === undefined) throw await unknownTenant(tenants, slug)
  return tenant
}

export function slugOf(input: Input): string {
  const slug = input.option('tenant')
  if (slug !== undefined) return slug
  throw new WrongUsage('cli.no_tenant', 'The command does not say which tenant.', { fix: 'Name --tenant.' })
}
