/** What `apply` reads of one tenant: its account at the sandbox's Pinpoint, and a connection to that at its HiBob. */
import type { Sandbox } from '../../sandbox/index.ts'

export interface HibobTenant {
  /** Its name in the sandbox, too. Default: the one that is there from the beginning. */
  readonly slug?: string
  readonly signingSecrets: readonly string[]
  /** Of its Pinpoint. Default: the sandbox's. */
  readonly pinpointUrl?: string | undefined
  /** Of the connection, beside the site and the sandbox's address. */
  readonly settings?: Readonly<Record<string, unknown>>
}

export function hibobTenant(
  sandbox: Sandbox,
  { slug = 'acme', signingSecrets, settings = {}, pinpointUrl = sandbox.pinpointUrlOf(slug) }: HibobTenant,
) {
  const company = sandbox.hibob.company(slug)
  return {
    slug,
    pinpoint: {
      apiUrl: pinpointUrl,
      apiKey: sandbox.pinpoint.tenant(slug)?.apiKey,
      signingSecrets,
    },
    connections: [
      {
        integration: 'hibob',
        enabled: true,
        secrets: { serviceUserId: company?.serviceUserId, serviceUserToken: company?.serviceUserToken },
        settings: { site: 'New York (Demo)', apiUrl: sandbox.hibobUrl, ...settings },
      },
    ],
  }
}
