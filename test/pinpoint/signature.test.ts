import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { signPinpoint, verifyPinpoint } from '../../src/pinpoint/signature.ts'

const secret = 'test_signing_secret'
const body =
  '{"event":"application_hired","triggeredAt":1614687278,"data":{"application":{"id":1},"job":{"id":1}}}'
const header = 'M/3jhaV2hH3hh+XM9bVYZzpX/Hc1jPcFq6kLfcZhDM4='

describe('The signature of Pinpoint', () => {
  it('is the one that openssl makes', () => {
    expect(signPinpoint(secret, body)).toBe(header)
    expect(verifyPinpoint([secret], Buffer.from(body), header)).toBe(true)
  })

  it('is accepted under the old and the new secret while one is rotated', () => {
    expect(verifyPinpoint(['new_secret', secret], body, header)).toBe(true)
    expect(verifyPinpoint([secret, 'new_secret'], body, header)).toBe(true)
  })

  it.each([
    ['another secret', ['other'], body, header],
    ['no secret', [], body, header],
    ['an empty secret', [''], body, header],
    ['a changed body', [secret], `${body} `, header],
    ['no header', [secret], body, undefined],
    ['an empty header', [secret], body, ''],
    ['a truncated header', [secret], body, header.slice(0, -5)],
    ['a longer header', [secret], body, `${header}AAAA`],
    ['the digest in hexadecimal', [secret], body, Buffer.from(header, 'base64').toString('hex')],
    ['a prefix', [secret], body, `sha256=${header}`],
    ['a line break', [secret], body, `${header}\n`],
    ['letters that are no base64', [secret], body, 'é'.repeat(44)],
  ])('is refused with %s', (...[_, secrets, given, signature]) => {
    expect(verifyPinpoint(secrets, given, signature)).toBe(false)
  })

  it('cannot be made with an empty secret', () => {
    expect(() => signPinpoint('', body)).toThrow('empty')
  })

  it('verifies exactly what was signed, and never throws', () => {
    const secrets = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 2, maxLength: 2 })
    fc.assert(
      fc.property(secrets, fc.uint8Array(), fc.string(), ([one = '', other = ''], bytes, junk) => {
        expect(verifyPinpoint([one], bytes, signPinpoint(one, bytes))).toBe(true)
        expect(verifyPinpoint([one], bytes, signPinpoint(other, bytes))).toBe(false)
        expect(verifyPinpoint([one], bytes, junk)).toBe(false)
      }),
    )
  })
})
