// What a stranger can make the service hold in memory: one mebibyte at a time, and only a few of the large ones at once.
import { Readable } from 'node:stream'

import { describe, expect, it } from 'vitest'

import { createBodyReader } from '../../src/http/read-body.ts'

const mebibyte = 1024 * 1024
const small = 64 * 1024

/** A body in these chunks; `held`: its last byte does not come before `release`. */
function sender(length: number, { declared = length, held = false } = {}) {
  const gate = Promise.withResolvers<undefined>()
  const started = Promise.withResolvers<undefined>()
  if (!held) gate.resolve(undefined)
  async function* chunks() {
    yield Buffer.alloc(Math.max(0, length - 1))
    started.resolve(undefined)
    await gate.promise
    if (length > 0) yield Buffer.alloc(1)
  }
  const raw = { body: chunks() }
  const arrayBuffer = async () => {
    const read = []
    for await (const chunk of raw.body) read.push(chunk)
    return new Uint8Array(Buffer.concat(read)).buffer
  }
  return {
    request: { raw, arrayBuffer, header: () => (Number.isNaN(declared) ? undefined : String(declared)) },
    /** The same bytes, as Node's server has them. */
    direct: () => Readable.from(raw.body, { objectMode: false }),
    started: started.promise,
    release: () => gate.resolve(undefined),
    fail: (error: Error) => gate.reject(error),
  }
}
const chunked = { declared: Number.NaN }
const lengthRead = (body: Buffer | string) => (typeof body === 'string' ? body : body.length)

describe('A body', () => {
  it.each([
    ['empty', 0],
    ['small', 500],
    ['of 64 KiB', small],
    ['larger than that', small + 1],
    ['of 1 MiB', mebibyte],
  ])('that is %s is read, with and without its length told', async (_what, length) => {
    const read = createBodyReader()
    expect(lengthRead(await read(sender(length).request))).toBe(length)
    expect(lengthRead(await read(sender(length, chunked).request))).toBe(length)
    const { request, direct } = sender(length)
    expect(lengthRead(await read(request, direct()))).toBe(length)
  })

  it('of more than 1 MiB is not, whether its length is told or not', async () => {
    const read = createBodyReader()
    expect(await read(sender(mebibyte + 1).request)).toBe('too_large')
    expect(await read(sender(mebibyte + 1, chunked).request)).toBe('too_large')
  })

  it('whose sender goes away is told apart from a fault of ours, whether it is large or small', async () => {
    const read = createBodyReader()
    for (const length of [500, mebibyte]) {
      const gone = sender(length, { held: true })
      const body = read(gone.request)
      await gone.started
      gone.fail(new Error('ECONNRESET'))
      expect(await body).toBe('cut_off')
    }
  })
})

describe('Large bodies', () => {
  it('that hold back their last byte take 32 places, and small ones are read beside them', async () => {
    const read = createBodyReader()
    const held = Array.from({ length: 32 }, () => sender(mebibyte, { held: true }))
    const bodies = held.map(({ request }) => read(request))
    await Promise.all(held.map(({ started }) => started))

    expect(await read(sender(mebibyte).request)).toBe('busy')
    expect(await read(sender(mebibyte, chunked).request)).toBe('busy')
    expect(lengthRead(await read(sender(small).request))).toBe(small)
    expect(lengthRead(await read(sender(500, chunked).request))).toBe(500)

    held[0]?.fail(new Error('ECONNRESET'))
    expect(await bodies[0]).toBe('cut_off')
    expect(lengthRead(await read(sender(mebibyte).request))).toBe(mebibyte)
    for (const { release } of held) release()
    expect((await Promise.all(bodies.slice(1))).map(lengthRead)).toEqual(
      Array.from({ length: 31 }, () => mebibyte),
    )
  })
})
