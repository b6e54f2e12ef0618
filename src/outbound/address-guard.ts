/** Which addresses a connection may be opened to: only public ones, judged where they are resolved. */
import { lookup } from 'node:dns'
import { lookup as resolve } from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import { isPublicAddress } from './public-address.ts'

/** The address is not on the public internet, or the scheme is not https. Nothing was sent. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused'
}

/** A literal address is connected to without any look-up. */
export function refuseLiteral(hostname: string): AddressRefused | undefined {
  const host = hostname.replace(/^\[|\]$/g, '')
  return isIP(host) !== 0 && !isPublicAddress(host) ? new AddressRefused() : undefined
}

/** Gives the socket only addresses that are public; the socket connects to these very addresses. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
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

/** Where no name server is to be had, the system waits for one much longer. */
const resolveMilliseconds = 5_000

/**
 * For a call that a proxy resolves by itself: it may choose any of the addresses, so all must be public. A name that this machine
 * cannot resolve is left to the proxy.
 */
export async function refuseHost(hostname: string): Promise<AddressRefused | undefined> {
  const host = hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0) return refuseLiteral(host)
  const resolved = new AbortController()
  const addresses = await Promise.race([
    resolve(host, { all: true }).catch(() => []),
    sleep(resolveMilliseconds, [], { signal: resolved.signal, ref: false }),
  ]).finally(() => resolved.abort())
  return addresses.every(({ address }) => isPublicAddress(address)) ? undefined : new AddressRefused()
}
