// What the sealer promises to whoever holds the database but not the keys.
import { randomBytes } from 'node:crypto'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { createSealer, headerOf, keyOfHeader, SealBroken } from '../../src/base/seal.ts'

const key = (id: string) => ({ id, bytes: randomBytes(32) })
const k1 = key('k1')
const k2 = key('k2')
const place = 'connection:con_1:secrets'
const sealer = createSealer([k1])

function failureOf(work: () => unknown): SealBroken {
  try {
    work()
  } catch (error) {
    if (error instanceof SealBroken) return error
    throw error
  }
  throw new Error('it opened')
}

describe('A sealed value', () => {
  it('opens in its own place to exactly what was sealed, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.string(), (bytes, where) => {
        expect(new Uint8Array(sealer.open(sealer.seal(bytes, where), where))).toEqual(bytes)
      }),
    )
  })

  it('opens to the same JSON', () => {
    const value = { serviceUserId: 'zoë', list: [1, null, true] }
    expect(sealer.openJson(sealer.sealJson(value, place), place)).toEqual(value)
  })

  it('looks different each time and does not show its content', () => {
    const first = sealer.seal('a long and recognisable secret', place)
    expect(first.equals(sealer.seal('a long and recognisable secret', place))).toBe(false)
    expect(first.toString('latin1')).not.toContain('recognisable')
  })

  it('does not open in another place, such as the connection of another tenant', () => {
    const envelope = sealer.seal('secret', place)
    expect(failureOf(() => sealer.open(envelope, 'connection:con_2:secrets')).code).toBe('seal.broken')
  })

  it('does not open when any one bit of it was changed', () => {
    const envelope = sealer.seal('secret', place)
    for (let bit = 0; bit < envelope.length * 8; bit++) {
      const changed = Buffer.from(envelope)
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      expect(() => sealer.open(changed, place)).toThrow(SealBroken)
    }
  })

  it('does not open when it was cut short at any byte', () => {
    const envelope = sealer.seal('secret', place)
    for (let length = 0; length < envelope.length; length++) {
      expect(() => sealer.open(envelope.subarray(0, length), place)).toThrow(SealBroken)
    }
  })
})

describe('Keys', () => {
  it('can be rotated: the first one seals, all of them open', () => {
    const old = sealer.seal('secret', place)
    const rotated = createSealer([k2, k1])
    expect(rotated.open(old, place).toString()).toBe('secret')
    expect(rotated.keys).toEqual(['k2', 'k1'])
    const begins = (envelope: Buffer, key: string) =>
      envelope.subarray(0, headerOf(key).length).equals(headerOf(key))
    expect(begins(old, 'k1')).toBe(true)
    expect(begins(rotated.seal('secret', place), 'k2')).toBe(true)
  })

  it('are named by the header of an envelope, and by nothing else', () => {
    expect(keyOfHeader(headerOf('k1'))).toBe('k1')
    const wrong = ['', '\u0001', '\u0001\u0002k', '\u0002\u0002k1', '\u0001\u0003k1', '\u0001\u0002k\u0000']
    for (const header of wrong) expect(keyOfHeader(Buffer.from(header))).toBeUndefined()
  })

  it('that are missing are named, with what to do', () => {
    const failure = failureOf(() => createSealer([k2]).open(sealer.seal('secret', place), place))
    expect(failure.code).toBe('seal.key_unknown')
    expect(failure.message).toBe(
      `The encryption key "k1", with which ${place} is encrypted, is missing here.`,
    )
    expect(failure.fix).toContain('ENCRYPTION_KEYS')
  })

  it('with the right id and other bytes do not open', () => {
    const envelope = sealer.seal('secret', place)
    expect(failureOf(() => createSealer([key('k1')]).open(envelope, place)).code).toBe('seal.broken')
  })

  it.each([
    ['no key at all', []],
    ['a key of 16 bytes', [{ id: 'k1', bytes: randomBytes(16) }]],
    ['a key without an id', [{ id: '', bytes: randomBytes(32) }]],
  ])('are refused at once: %s', (_title, keys) => {
    expect(() => createSealer(keys)).toThrow()
  })
})
