/** The proxies whose `X-Forwarded-For` is trusted. */
import { isIP } from 'node:net'

import { z } from 'zod'

import { variableMeta } from './variable.ts'

const list = z
  .string()
  .transform((text) => text.split(/[\s,]+/).filter(Boolean))
  .refine(
    (entries) => entries.every(isNetwork),
    'must be addresses or networks such as 10.0.0.0/8, separated by commas',
  )

function isNetwork(entry: string): boolean {
  const [address = '', bits, ...more] = entry.split('/')
  const family = isIP(address)
  if (family === 0 || more.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}

export const trustedProxiesVariable = {
  TRUSTED_PROXIES: list.prefault('').register(variableMeta, {
    description:
      'The proxies in front of this service. Log lines of refusals name the address of a request; `X-Forwarded-For` is trusted ' +
      'from these proxies only.',
    accepts: 'addresses and networks such as `10.0.0.0/8,fd00::/8`, separated by commas or spaces',
  }),
}
