/** What may be called although it is on no public address: named one by one, by who runs the service. */
import { z } from 'zod'

import { variableMeta } from './variable.ts'

/** `hr.internal:8443`, `10.2.3.4:443`, `[fd00::1]:443`; in the spelling of URLs, so that it can be compared with theirs. */
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
      'Hosts on private addresses that API calls of tenants may go to, each with its port: a gateway of your own in front of ' +
      'Pinpoint or HiBob, an internal receiver. https only; files are never fetched from there, nor is a redirect followed. ' +
      'Link-local addresses, where clouds keep their metadata, stay closed.',
    accepts: 'a list such as `hr.internal:8443,10.2.3.4:443`, separated by commas or spaces',
  }),
  DANGEROUS_ALLOW_PRIVATE_NETWORK: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .prefault('false')
    .register(variableMeta, {
      description:
        'Lets tenants and destinations sit on any private address and speak plain HTTP. For tests and sandboxes only: ' +
        'whoever may edit a tenant, or a link in Pinpoint, could reach into your network. Warned of at each start and by `doctor`; ' +
        'in production use `ALLOW_PRIVATE_DESTINATIONS`.',
      accepts: '`true` or `false`',
    }),
}
