/** The origin of a request, for the log: the address of the connection, or the client that a trusted proxy names. */
import { BlockList, isIP } from 'node:net'

/** Undefined: unknown. */
export type PeerOf = (
  connected: string | undefined,
  forwardedFor: string | readonly string[] | undefined,
) => string | undefined

/** `trusted`: addresses and networks. `X-Forwarded-For` of anybody else is ignored: anybody can write one. */
export function createPeerOf(trusted: readonly string[]): PeerOf {
  const proxies = new BlockList()
  for (const entry of trusted) {
    const [address = '', bits] = entry.split('/')
    const family = familyOf(address)
    proxies.addSubnet(address, Number(bits ?? (family === 'ipv4' ? 32 : 128)), family)
  }
  return (connected, forwardedFor) => {
    // Each proxy appends its caller, so the list is read from its end, as far as trusted proxies wrote it.
    const hops = [forwardedFor ?? []].flat().join(',').split(',')
    let peer = addressOf(connected)
    while (peer !== undefined && proxies.check(peer, familyOf(peer))) {
      const before = addressOf(hops.pop()?.trim())
      if (before === undefined) break
      peer = before
    }
    return peer
  }
}

/** A bare address, without a port, brackets or the prefix of an IPv4 address in IPv6. */
function addressOf(text: string | undefined): string | undefined {
  const bare = text?.replace(/^\[([^\]]*)\](:\d+)?$/, '$1').replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1')
  const address = bare?.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  return address === undefined || isIP(address) === 0 ? undefined : address
}

const familyOf = (address: string) => (isIP(address) === 4 ? 'ipv4' : 'ipv6')
