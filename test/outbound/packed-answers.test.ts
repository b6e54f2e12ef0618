/** Answers that come packed or marked though nobody asked: read all the same, within the size of any other. */
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'

import { describe, expect, it } from 'vitest'

import { client, failureOf, serve } from './little-server.ts'

const read = { method: 'GET', path: '/x', bucket: 'search' } as const
const make = { method: 'POST', path: '/x', json: {}, bucket: 'create', effect: true } as const
const text = Buffer.from(JSON.stringify({ id: '1', name: 'Zoë' }))

const answering = (body: Buffer, { coding = '', status = 200 } = {}) =>
  serve((response) =>
    response
      .writeHead(status, {
        'content-type': 'application/json',
        ...(coding !== '' && { 'content-encoding': coding }),
      })
      .end(body),
  )

describe('An answer that nobody asked to be packed (W12)', () => {
  it.each([
    ['gzip, as its header says', gzipSync(text), 'gzip'],
    ['gzip without a header', gzipSync(text), ''],
    ['deflate', deflateSync(text), 'deflate'],
    ['brotli', brotliCompressSync(text), 'br'],
    ['twice', brotliCompressSync(gzipSync(text)), 'gzip, br'],
    ['not at all, whatever its header says', text, 'gzip'],
    ['with a byte order mark', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), text]), ''],
    [
      'with a byte order mark inside gzip',
      gzipSync(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), text])),
      'gzip',
    ],
    ['in UTF-16', Buffer.from(`\ufeff${text.toString()}`, 'utf16le'), ''],
  ])('is read: %s', async (_, body, coding) => {
    const server = await answering(body, { coding })
    expect(await client(server.url).send(read)).toMatchObject({ json: { id: '1', name: 'Zoë' } })
    expect(server.requests[0]?.headers['accept-encoding']).toBe('identity')
  })

  it('tells why it refuses, packed too', async () => {
    const server = await answering(gzipSync(JSON.stringify({ key: 'some.key' })), {
      coding: 'gzip',
      status: 422,
    })
    expect((await failureOf(client(server.url).send(make))).message).toContain('some.key')
  })

  it.each([
    ['cut in half', gzipSync(text).subarray(0, 20)],
    ['damaged', Buffer.concat([gzipSync(text).subarray(0, 15), Buffer.alloc(40, 7)])],
    ['packed from nothing of ours', gzipSync('<html>')],
    ['a bomb', gzipSync(Buffer.alloc(500_000_000)), 'too_large'],
  ])(
    'is unreadable when it is %s; of an effect the outcome is unclear',
    async (_, body, told = 'unreadable') => {
      const server = await answering(body, { coding: 'gzip' })
      const before = process.memoryUsage().arrayBuffers
      expect(await failureOf(client(server.url).send(read))).toMatchObject({
        code: `bob.answer_${told}`,
      })
      expect(await failureOf(client(server.url).send(make))).toMatchObject({ outcome: 'unclear' })
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000_000)
    },
  )
})
