/** `--tenant`, where a command is about one tenant. */
import type { StoreToRead } from '../app/store-to-read.ts'
import { NeedsPerson } from '../base/failure.ts'
import type { DecryptedTenant } from '../tenants/tenant.ts'
import type { Input, OptionDefinition } from './command.ts'
import { unknownTenant } from './tenants.ts'

export const tenantOption: OptionDefinition = {
  name: 'tenant',
  value: 'TENANT',
  description: "The tenant's slug",
}

export async function tenantOf(
  input: Input,
  { tenants }: Pick<StoreToRead, 'tenants'>,
): Promise<DecryptedTenant> {
  const slug = input.option('tenant')
  if (slug === undefined) {
    throw new NeedsPerson('cli.no_tenant', 'The command does not say which tenant.', {
      fix: 'Name --tenant.',
    })
  }
  const tenant = await tenants.open(slug)
  if (tenant === undefined) throw unknownTenant(slug)
  return tenant
}
