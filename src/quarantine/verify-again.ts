/** Quarantined deliveries that a corrected secret verifies are admitted as if they had just come, and leave quarantine. */
import type { QuarantineId, TenantId } from '../base/ids.ts'
import type { Admit, Admitted } from '../intake/admit.ts'
import type { KnownTenant } from '../intake/ports.ts'
import { readEvent } from '../intake/read-event.ts'
import { signatureBytes } from '../pinpoint/signature.ts'
import type { QuarantineAdmin, Quarantined } from './ports.ts'

const pageSize = 100

export interface VerifyAgainDeps {
  readonly admin: Pick<QuarantineAdmin, 'page' | 'remove'>
  readonly admit: Admit
}

export interface VerifiedAgain {
  readonly admitted: readonly (Admitted & { readonly id: QuarantineId; readonly tenant: string })[]
  /** No secret verifies them. */
  readonly stillWrong: number
  /** Their seal does not open: the encryption key is not here. */
  readonly unreadable: number
}

/** `only`: look at this tenant's, and at those of no tenant with its secrets. Safe to repeat and to interrupt. */
export async function verifyAgain(
  deps: VerifyAgainDeps,
  tenants: readonly KnownTenant[],
  only?: TenantId,
): Promise<VerifiedAgain> {
  const admitted: VerifiedAgain['admitted'][number][] = []
  let stillWrong = 0
  let unreadable = 0
  for (let after = ''; ;) {
    const page = await deps.admin.page(after, {
      ...(only === undefined ? {} : { tenant: only }),
      limit: pageSize,
    })
    const last = page.at(-1)
    if (last === undefined) return { admitted, stillWrong, unreadable }
    after = last.id
    const judged = page.map((one) => ({ one, tenant: verifiedBy(one, tenants) }))
    const inside = await Promise.all(judged.map((one) => admitOne(deps, one)))
    const now = inside.filter((one) => one !== undefined)
    // After the commit: whoever stops in between finds duplicates the next time, and removes them then.
    await deps.admin.remove(now.map(({ id }) => id))
    admitted.push(...now)
    unreadable += page.filter(({ body }) => body === undefined).length
    stillWrong += judged.filter(({ one, tenant }) => one.body !== undefined && tenant === undefined).length
  }
}

/** Whose secret verifies it: its own tenant's, or anybody's where its address named none. */
export function verifiedBy(
  { tenant, body, isSignedWith }: Quarantined,
  tenants: readonly KnownTenant[],
): KnownTenant | undefined {
  if (body === undefined) return undefined
  return tenants
    .filter(({ id }) => tenant === undefined || id === tenant)
    .find(({ signingSecrets }) =>
      signingSecrets.some((secret) => secret !== '' && isSignedWith(signatureBytes(secret, body))),
    )
}

async function admitOne(
  { admit }: VerifyAgainDeps,
  { one, tenant }: { readonly one: Quarantined; readonly tenant: KnownTenant | undefined },
) {
  if (tenant === undefined || one.body === undefined) return undefined
  const { id, asked, body } = one
  return {
    ...(await admit({ tenant, asked, body, event: readEvent(body), origin: 'quarantine' })),
    id,
    tenant: tenant.slug,
  }
}
