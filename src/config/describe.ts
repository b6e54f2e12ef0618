/** The configuration for a start-up line, complete but without secrets. */
import type { Config } from './environment.ts'
import { describeLimits } from './pinpoint-limits.ts'
import { describeProxies } from './proxies.ts'

export function describeConfig(config: Config): Readonly<Record<string, string | number | boolean>> {
  const { databaseUrl, databaseDirectUrl, encryptionKeys, proxies, vendorName, ...rest } = config
  const { trustedProxies, privateDestinations, pinpointLimits, ...plain } = rest
  return {
    ...plain,
    databaseUrl: databaseUrl === undefined ? 'embedded' : databaseAddress(databaseUrl),
    ...(databaseDirectUrl !== undefined && { databaseDirectUrl: databaseAddress(databaseDirectUrl) }),
    trustedProxies: trustedProxies.join(', '),
    privateDestinations: privateDestinations.join(', '),
    ...(pinpointLimits !== undefined && { pinpointLimits: describeLimits(pinpointLimits) }),
    ...describeProxies(proxies),
    ...(vendorName !== undefined && { vendorName }),
    // Ids are not secret, and show which key encrypts.
    encryptionKeys: encryptionKeys?.map(({ id }) => id).join(', ') ?? 'generated',
  }
}

/** Host and name only: user, password and parameters can all contain credentials. */
function databaseAddress(url: string): string {
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}
