import { describe, expect, it } from 'vitest'

import { isNeverAllowed, isPublicAddress } from '../../src/outbound/public-address.ts'

describe('Addresses of the public internet', () => {
  it.each([
    '1.1.1.1',
    '93.184.216.34',
    '172.32.0.1',
    '100.128.0.1',
    '2606:4700:4700::1111',
    '2a00:1450:4001:800::200e',
  ])('%s is public', (address) => expect(isPublicAddress(address)).toBe(true))

  it.each([
    ['the machine itself', '127.0.0.1'],
    ['the machine itself', '127.255.255.254'],
    ['this network', '0.0.0.0'],
    ['private', '10.1.2.3'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ['link-local, where clouds keep their metadata', '169.254.169.254'],
    ['shared by a carrier', '100.64.0.1'],
    ['benchmarking', '198.18.0.1'],
    ['documentation', '203.0.113.9'],
    ['multicast', '224.0.0.1'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['the machine itself in IPv6', '::1'],
    ['unspecified', '::'],
    ['IPv4-mapped loopback', '::ffff:127.0.0.1'],
    ['IPv4-mapped loopback, in hexadecimal', '::ffff:7f00:1'],
    ['IPv4-mapped metadata', '::ffff:169.254.169.254'],
    ['IPv4-compatible loopback', '::127.0.0.1'],
    ['loopback behind NAT64', '64:ff9b::127.0.0.1'],
    ['loopback behind 6to4', '2002:7f00:1::'],
    ['Teredo', '2001:0:7f00:1::'],
    ['unique local', 'fd00:ec2::254'],
    ['link-local in IPv6', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ['multicast in IPv6', 'ff02::1'],
    ['documentation in IPv6', '2001:db8::1'],
    ['Azure’s platform', '168.63.129.16'],
    ['protocol assignments', '192.0.0.192'],
    ['a carrier’s, and a cloud’s metadata', '100.100.100.200'],
    ['no address', 'localhost'],
    ['nothing', ''],
  ])('%s is not public: %s', (_, address) => expect(isPublicAddress(address)).toBe(false))

  it('a public IPv4 address stays public when it is written as IPv6', () => {
    expect(isPublicAddress('::ffff:1.1.1.1')).toBe(true)
    expect(isPublicAddress('64:ff9b::1.1.1.1')).toBe(true)
  })
})

describe('Addresses that are called in no case', () => {
  it.each([
    ...['169.254.169.254', '168.63.129.16', '100.100.100.200', '192.0.0.192', 'fe80::1', 'fe80::1%eth0'],
    ...['fd00:ec2::254', 'fd20:ce::254', '::ffff:169.254.169.254', '::169.254.169.254', '64:ff9b::a9fe:a9fe'],
    ...['64:ff9b:1::a9fe:a9fe', '2002:a9fe:a9fe::1'],
  ])('%s', (address) => expect(isNeverAllowed(address)).toBe(true))

  it.each(['127.0.0.1', '10.0.0.1', '::1', 'fd00::1', '::ffff:10.0.0.1', '1.1.1.1', '2606:4700::1', 'x'])(
    'not %s',
    (address) => expect(isNeverAllowed(address)).toBe(false),
  )
})
