// Nonces and ids are made of these: what is given twice would break a seal.
import { describe, expect, it } from 'vitest'

import { freshBytes } from '../../src/base/fresh-bytes.ts'

describe('Fresh bytes', () => {
  it('are as many as asked for, never given twice and never written again', () => {
    const sizes = [12, 1, 0, 16, 4096, 12, 4095, 12, 10_000]
    const given = Array.from({ length: 2_000 }, (_, index) => {
      const bytes = freshBytes(sizes[index % sizes.length] ?? 12)
      return { bytes, copy: Buffer.from(bytes) }
    })
    expect(given.slice(0, sizes.length).map(({ bytes }) => bytes.length)).toEqual(sizes)
    expect(given.filter(({ bytes, copy }) => !bytes.equals(copy))).toEqual([])
    const long = given.filter(({ bytes }) => bytes.length >= 12)
    expect(new Set(long.map(({ bytes }) => bytes.toString('hex', 0, 12))).size).toBe(long.length)
    const places = given
      .map(({ bytes }) => ({
        memory: bytes.buffer,
        from: bytes.byteOffset,
        to: bytes.byteOffset + bytes.length,
      }))
      .filter(({ from, to }) => to > from)
    const overlaps = places.filter(
      (one, index) =>
        index > 0 && places[index - 1]?.memory === one.memory && (places[index - 1]?.to ?? 0) > one.from,
    )
    expect(overlaps).toEqual([])
  })
})
