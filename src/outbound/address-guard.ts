/** Which addresses a connection may be opened to: only public ones, but for what the operator has named; judged where they are resolved. */
import { lookup } from 'node:dns'
import { lookup as resolve } from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import { isNeverAllowed, isPublicAddress } from './public-address.ts'

/** The address is not on the public internet, or the scheme is not https. Nothing was sent. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused'
}

/** Which addresses may be called. */
export type Judge = (address: string) => boolean

/** For what tenants and answers name: the public internet. */
export const onlyPublic: Judge = isPublicAddress
/** For what the operator has named, and for sandboxes: everything but what is never ours. */
export const notNever: Judge = (address) => !isNeverAllowed(address)

/** A literal address is connected to without any look-up. */
export function refuseLiteral(hostname: string, mayCall: Judge): AddressRefused | undefined {
  const host = hostname.replace(/^\[|\]$/g, '')
  return isIP(host) !== 0 && !mayCall(host) ? new AddressRefused() : undefined
}

/** Gives the socket only addresses that may be called; the socket connects to these very addresses. */
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

/** Where no name server is to be had, the system waits for one much longer. */
const resolveMilliseconds = 5_000

/**
 * For a call that a proxy resolves by itself: it may choose any of the addresses, so all must be allowed. A name that this machine
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
