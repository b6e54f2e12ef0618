/** Which addresses may be connected to: only public ones, and those that the operator has named; checked where they are resolved. */
import { lookup } from 'node:dns'
import { lookup as resolve } from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import { isNeverAllowed, isPublicAddress } from './public-address.ts'

/** The address is not on the public internet, or the scheme is not https. Nothing was sent. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused'
}

/** Whether an address may be called. */
export type Judge = (address: string) => boolean

/** For URLs of tenants and answers: the public internet. */
export const onlyPublic: Judge = isPublicAddress
/** For destinations that the operator has named, and for sandboxes: everything except addresses that are never allowed. */
export const notNever: Judge = (address) => !isNeverAllowed(address)

/** A literal address is connected to without a look-up. */
export function refuseLiteral(hostname: string, mayCall: Judge): AddressRefused | undefined {
  const host = hostname.replace(/^\[|\]$/g, '')
  return isIP(host) !== 0 && !mayCall(host) ? new AddressRefused() : undefined
}

/** Returns only allowed addresses to the socket, which connects to one of them without another look-up. */
export function judgedLookup(mayCall: Judge): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, [])
        return
      }
      const allowed = addresses.filter(({ address }) => mayCall(address))
      const [first] = allowed
      if (first === undefined) callback(new AddressRefused(), [])
      else if (options.all === true) callback(null, allowed)
      else callback(null, first.address, first.family)
    })
  }
}

/** Without a name server, the operating system would wait much longer. */
const resolveMilliseconds = 5_000

/**
 * For a call whose host a proxy resolves: it may choose any of the addresses, so all must be allowed. A name that this machine
 * cannot resolve is left to the proxy.
 */
export async function refuseHost(hostname: string, mayCall: Judge): Promise<AddressRefused | undefined> {
  const host = hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0) return refuseLiteral(host, mayCall)
  const resolved = new AbortController()
  const addresses = await Promise.race([
    resolve(host, { all: true }).catch(() => []),
    sleep(resolveMilliseconds, [], { signal: resolved.signal, ref: false }),
  ]).finally(() => resolved.abort())
  return addresses.every(({ address }) => mayCall(address)) ? undefined : new AddressRefused()
}
