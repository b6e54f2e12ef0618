/**
 * What a signing secret has to be: long enough not to be guessed, and one company's own. Whose secret verifies a delivery is all that
 * says whose hire it is.
 */
import type { Fault } from '../base/fault.ts'
import { originOf } from './tenant.ts'

/** Shorter ones can be guessed offline from one signed delivery. */
export const shortestSecret = 16

export interface SecretsOfTenant {
  readonly slug: string
  readonly apiUrl: string
  /** Undefined: they do not open. */
  readonly signingSecrets: readonly string[] | undefined
}

/** What is wrong with the secrets of a file, given what is stored. A short one that is there already may stay. */
export function secretFaults(
  declared: readonly {
    readonly slug: string
    readonly pinpoint: { readonly apiUrl: string; readonly signingSecrets: readonly string[] }
  }[],
  stored: readonly SecretsOfTenant[],
): readonly Fault[] {
  const after = [
    ...stored.filter(({ slug }) => !declared.some((one) => one.slug === slug)),
    ...declared.map(({ slug, pinpoint }) => ({ slug, ...pinpoint })),
  ]
  return declared.flatMap(({ slug, pinpoint }, tenant) => {
    const before = stored.find((one) => one.slug === slug)
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

/** What is wrong with what is stored, as sentences for people. */
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

/** The tenant of another Pinpoint that has the secret too. Two tenants of one company may share theirs. */
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
