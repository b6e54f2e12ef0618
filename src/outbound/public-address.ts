/**
 * Which addresses belong to the public internet. Every address that is not known to be public is refused, so that a
 * tenant's URL cannot make us call the machine itself, its network or a cloud's metadata service.
 */
import { BlockList, isIPv4, isIPv6 } from 'node:net'

// https://www.iana.org/assignments/iana-ipv4-special-registry
const notPublic = blockList('ipv4', [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
])

/** Metadata services of clouds, which return credentials: never a destination, not even in a sandbox. */
const neverV4 = blockList('ipv4', [
  // Link-local: https://www.rfc-editor.org/rfc/rfc3927
  ['169.254.0.0', 16],
  // Azure, which is public by its number: https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
  ['168.63.129.16', 32],
  // Alibaba Cloud, Oracle Cloud.
  ['100.100.100.200', 32],
  ['192.0.0.192', 32],
])
const neverV6 = blockList('ipv6', [
  ['fe80::', 10],
  // AWS, and Google Cloud.
  ['fd00:ec2::', 32],
  ['fd20:ce::', 32],
])

// https://www.iana.org/assignments/iana-ipv6-special-registry
const globalUnicast = blockList('ipv6', [['2000::', 3]])
const notPublicIn2000 = blockList('ipv6', [
  // Teredo, benchmarking, ORCHID and the rest of the special block: some of them carry an IPv4 address inside.
  ['2001::', 23],
  ['2001:db8::', 32],
  // 6to4 carries any IPv4 address inside.
  ['2002::', 16],
  ['3fff::', 20],
])

/** True for an IP address, as text, that anybody on the internet could reach. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !notPublic.check(address, 'ipv4') && !neverV4.check(address, 'ipv4')
  if (!isIPv6(address)) return false
  const inside = embeddedIPv4(address)
  if (inside !== undefined) return isPublicAddress(inside)
  return globalUnicast.check(address, 'ipv6') && !notPublicIn2000.check(address, 'ipv6')
}

/** True for an IP address, as text, that is never called, whatever is allowed. */
export function isNeverAllowed(address: string): boolean {
  if (isIPv4(address)) return neverV4.check(address, 'ipv4')
  if (!isIPv6(address)) return false
  const inside = embeddedIPv4(address) ?? embeddedIPv4(address, anyEmbedding)
  return inside === undefined ? neverV6.check(withoutZone(address), 'ipv6') : isNeverAllowed(inside)
}

const withoutZone = (address: string) => address.replace(/%.*$/, '')

/** IPv4-mapped (`::ffff:127.0.0.1`), or of NAT64 (`64:ff9b::7f00:1`). */
const embedding = /^(?:::ffff:|64:ff9b::)(?:([0-9a-f]{1,4}):)?([0-9a-f]{1,4})$/
/** Also IPv4-compatible, of a network's own NAT64, and of 6to4. */
const anyEmbedding =
  /^(?:(?:::|64:ff9b:1:(?:.*?:)?)(?:([0-9a-f]{1,4}):)?([0-9a-f]{1,4})|2002:([0-9a-f]{1,4}):([0-9a-f]{1,4}):.*)$/

function embeddedIPv4(address: string, form = embedding): string | undefined {
  const canonical = URL.parse(`http://[${withoutZone(address)}]`)?.hostname.slice(1, -1) ?? ''
  const found = form.exec(canonical)
  if (found === null) return undefined
  const groups = found[4] === undefined ? found : [found[0], found[3], found[4]]
  const bits = parseInt(groups[1] ?? '0', 16) * 65536 + parseInt(groups[2] ?? '0', 16)
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.')
}

function blockList(family: 'ipv4' | 'ipv6', subnets: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList()
  for (const [network, prefix] of subnets) list.addSubnet(network, prefix, family)
  return list
}
