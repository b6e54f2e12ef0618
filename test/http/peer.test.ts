// L14: whose word is believed for where a request comes from.
import { describe, expect, it } from 'vitest'

import { createPeerOf } from '../../src/http/peer.ts'

const peerOf = createPeerOf(['10.0.0.0/8', '192.0.2.7', 'fd00::/8', '::1'])

describe('L14: the address that a refusal is logged with', () => {
  it.each([
    ['that of the connection', '203.0.113.9', undefined, '203.0.113.9'],
    ['not what a stranger writes', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['whom a trusted proxy names', '10.1.2.3', '203.0.113.9', '203.0.113.9'],
    [
      'the last of them that no trusted proxy is',
      '10.1.2.3',
      '6.6.6.6, 203.0.113.9, 192.0.2.7',
      '203.0.113.9',
    ],
    ['without the port that some write', '192.0.2.7', '203.0.113.9:4711', '203.0.113.9'],
    ['of IPv6, in brackets or not', 'fd00::5', '[2001:db8::1]:80', '2001:db8::1'],
    ['of IPv4 in IPv6', '::ffff:10.0.0.1', '::ffff:203.0.113.9', '203.0.113.9'],
    ['the proxy itself, when it names nobody', '10.1.2.3', undefined, '10.1.2.3'],
    ['the proxy itself, when it names no address', '10.1.2.3', 'unknown', '10.1.2.3'],
    ['nothing that could be a second line', '10.1.2.3', '203.0.113.9\n{"level":50}', '10.1.2.3'],
    ['the outermost proxy, when all are trusted', '10.1.2.3', '10.9.9.9, 10.8.8.8', '10.9.9.9'],
  ])('is %s', (...[, connected, forwarded, expected]) => {
    expect(peerOf(connected, forwarded)).toBe(expected)
  })

  it('is not known where there is no connection', () => {
    expect(peerOf(undefined, '203.0.113.9')).toBeUndefined()
  })
})
