/** Destinations on private addresses that may be called: the operator names each of them. */
import { z } from 'zod'

import { variableMeta } from './variable.ts'

/** `hr.internal:8443`, `10.2.3.4:443`, `[fd00::1]:443`; normalized as in URLs, so that it can be compared with their hosts. */
function destinationOf(text: string): string | undefined {
  const [, host = '', port = ''] = /^(\[[\da-fA-F:.]+\]|[\w.-]+):(\d{1,5})$/.exec(text) ?? []
  const url = URL.parse(`https://${host}`)
  return url === null || host === '' || Number(port) < 1 || Number(port) > 65_535
    ? undefined
    : `${url.hostname}:${Number(port)}`
}

const destinations = z
  .string()
  .transform((text) => text.split(/[\s,]+/).filter((one) => one !== ''))
  .refine((all) => all.every((one) => destinationOf(one) !== undefined), {
    error: 'must be a list such as hr.internal:8443,10.2.3.4:443, each with its port',
    abort: true,
  })
  .transform((all) => all.flatMap((one) => destinationOf(one) ?? []))

export const privateVariables = {
  ALLOW_PRIVATE_DESTINATIONS: destinations.prefault('').register(variableMeta, {
    description:
      'Hosts on private addresses that API calls of tenants may go to, each with its port: your own gateway in front of ' +
      'Pinpoint or HiBob, an internal receiver. https only; files are never downloaded from there, and redirects are not followed. ' +
      'Link-local addresses, where clouds have their metadata services, are never called.',
    accepts: 'a list such as `hr.internal:8443,10.2.3.4:443`, separated by commas or spaces',
  }),
  DANGEROUS_ALLOW_PRIVATE_NETWORK: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .prefault('false')
    .register(variableMeta, {
      description:
        'Allows tenants and destinations on any private address, and plain HTTP. For tests and sandboxes only: ' +
        'whoever may edit a tenant, or a link in Pinpoint, could reach into your network. Each start and `doctor` warn about it; ' +
        'in production use `ALLOW_PRIVATE_DESTINATIONS`.',
      accepts: '`true` or `false`',
    }),
}
