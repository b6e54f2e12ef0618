/** The one pool of connections to the outside. Each connection is opened to an address that was judged, never looked up again. */
import { lookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'

import { Agent, buildConnector } from 'undici'

import { isPublicAddress } from './public-address.ts'

/** The address is not on the public internet, or the scheme is not https. Nothing was sent. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused'
}

const connectMilliseconds = 10_000

export function createAgent({ allowPrivateNetwork }: { readonly allowPrivateNetwork: boolean }): Agent {
  // HTTP/1.1 only: one call per connection, so one broken connection makes one call's outcome unclear, not many.
  const connector = buildConnector({
    timeout: connectMilliseconds,
    allowH2: false,
    ...(allowPrivateNetwork ? {} : { lookup: publicLookup }),
  })
  return new Agent({
    connections: 64,
    keepAliveTimeout: 4_000,
    connect: (options, callback) => {
      const host = options.hostname.replace(/^\[|\]$/g, '')
      // A literal address is connected to without any look-up.
      if (!allowPrivateNetwork && isIP(host) !== 0 && !isPublicAddress(host)) {
        callback(new AddressRefused(), null)
        return
      }
      connector(options, callback)
    },
  })
}

/** Gives the socket only addresses that are public; the socket connects to these very addresses. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) {
      callback(error, [])
      return
    }
    const allowed = addresses.filter(({ address }) => isPublicAddress(address))
    const [first] = allowed
    if (first === undefined) callback(new AddressRefused(), [])
    else if (options.all === true) callback(null, allowed)
    else callback(null, first.address, first.family)
  })
}

/** The URL parsed, when it may be called at all: https, or http where private networks are allowed. */
export function allowedUrl(text: string, allowPrivateNetwork: boolean): URL | undefined {
  const url = URL.parse(text)
  if (url === null || url.username !== '' || url.password !== '') return undefined
  const allowed = url.protocol === 'https:' || (allowPrivateNetwork && url.protocol === 'http:')
  return allowed ? url : undefined
}
