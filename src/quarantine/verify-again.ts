/** Admits quarantined deliveries that a corrected secret verifies, as if they had just arrived, and removes them. */
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
  /** Deliveries that no secret verifies. */
  readonly stillWrong: number
  /** Deliveries that do not decrypt: the encryption key is not here. */
  readonly unreadable: number
}

/** `only`: the deliveries of this tenant, and those without a tenant, with its secrets. Safe to repeat and to interrupt. */
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
    const judged = page.map((delivery) => ({ delivery, tenant: verifiedBy(delivery, tenants) }))
    const results = await Promise.all(judged.map((verified) => admitOne(deps, verified)))
    const now = results.filter((result) => result !== undefined)
    // After the commit: a process that stops in between finds duplicates the next time, and removes them then.
    await deps.admin.remove(now.map(({ id }) => id))
    admitted.push(...now)
    unreadable += page.filter(({ body }) => body === undefined).length
    stillWrong += judged.filter(
      ({ delivery, tenant }) => delivery.body !== undefined && tenant === undefined,
    ).length
  }
}

/** Verifies with the tenant's secrets, or with every tenant's when the URL names no tenant. */
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
  { delivery, tenant }: { readonly delivery: Quarantined; readonly tenant: KnownTenant | undefined },
) {
  if (tenant === undefined || delivery.body === undefined) return undefined
  const { id, asked, body } = delivery
  return {
    ...(await admit({ tenant, asked, body, event: readEvent(body), origin: 'quarantine' })),
    id,
    tenant: tenant.slug,
  }
}
