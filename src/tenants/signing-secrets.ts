/**
 * What a signing secret must be: long enough not to be guessed, and used by one company only. The secret that verifies a delivery
 * is all that shows whose hire it is.
 */
import type { Fault } from '../base/fault.ts'
import { originOf } from './tenant.ts'

/** A shorter secret can be guessed offline from one signed delivery. */
export const shortestSecret = 16

export interface SecretsOfTenant {
  readonly slug: string
  readonly apiUrl: string
  /** Undefined: they do not decrypt. */
  readonly signingSecrets: readonly string[] | undefined
}

/** The faults of a file's secrets, given the stored ones. A short secret that is stored already may stay. */
export function secretFaults(
  declared: readonly {
    readonly slug: string
    readonly pinpoint: { readonly apiUrl: string; readonly signingSecrets: readonly string[] }
  }[],
  stored: readonly SecretsOfTenant[],
): readonly Fault[] {
  const after = [
    ...stored.filter(({ slug }) => !declared.some((tenant) => tenant.slug === slug)),
    ...declared.map(({ slug, pinpoint }) => ({ slug, ...pinpoint })),
  ]
  return declared.flatMap(({ slug, pinpoint }, tenant) => {
    const before = stored.find((other) => other.slug === slug)
    return pinpoint.signingSecrets.flatMap((secret, index) => {
      const path = `tenants[${tenant}].pinpoint.signingSecrets[${index}]`
      const known = before !== undefined && (before.signingSecrets?.includes(secret) ?? true)
      const other = sharedWith({ slug, ...pinpoint }, secret, after)
      return [
        ...(known || secret.length >= shortestSecret
          ? []
          : [{ path, problem: `must have at least ${shortestSecret} characters` }]),
        ...(other === undefined
          ? []
          : [
              {
                path,
                problem: `is a signing secret of tenant ${other} as well, whose Pinpoint is another one: a hire would reach the wrong company`,
              },
            ]),
      ]
    })
  })
}

/** The faults of the stored secrets, as sentences for people. */
export function weakSecrets(stored: readonly SecretsOfTenant[]): readonly string[] {
  return stored.flatMap((tenant) => {
    const secrets = tenant.signingSecrets ?? []
    const short = secrets.some(({ length }) => length < shortestSecret)
    const others = new Set(secrets.flatMap((secret) => sharedWith(tenant, secret, stored) ?? []))
    return [
      ...(short
        ? [`Tenant ${tenant.slug} has a signing secret of fewer than ${shortestSecret} characters.`]
        : []),
      ...[...others].map(
        (other) =>
          `Tenants ${tenant.slug} and ${other} have a signing secret in common, and their Pinpoints are not the same.`,
      ),
    ]
  })
}

/** The tenant of another Pinpoint that has the same secret. Two tenants of one company may share theirs. */
function sharedWith(
  { slug, apiUrl }: Pick<SecretsOfTenant, 'slug' | 'apiUrl'>,
  secret: string,
  tenants: readonly SecretsOfTenant[],
): string | undefined {
  return tenants.find(
    (other) =>
      other.slug !== slug &&
      originOf(other.apiUrl) !== originOf(apiUrl) &&
      other.signingSecrets?.includes(secret) === true,
  )?.slug
}
