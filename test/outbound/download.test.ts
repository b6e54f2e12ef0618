/** Files by link: no credentials, no endless anything, and no start from zero where that can be avoided. */
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'

import { describe, expect, it } from 'vitest'

import { failureOf, openOutbound, serve } from './little-server.ts'

const file = Buffer.from('%PDF-1.7 invented bytes of a CV')
const most = { maxBytes: 100 }

describe('A download', () => {
  it('follows redirects to other hosts and takes no credentials along (case 49)', async () => {
    const storage = await serve((response) =>
      response.writeHead(200, { 'content-type': 'application/pdf' }).end(file),
    )
    const link = await serve((response) =>
      response.writeHead(302, { location: `http://localhost:${storage.port}/blob?signature=x` }).end(),
    )

    expect(await openOutbound().download(`${link.url}/cv.pdf`, most)).toEqual({
      bytes: file,
      contentType: 'application/pdf',
    })
    const [asked] = storage.requests
    expect(asked?.line).toBe('GET /blob?signature=x')
    expect(Object.keys(asked?.headers ?? {}).toSorted()).toEqual([
      'accept-encoding',
      'connection',
      'host',
      'user-agent',
    ])
  })

  it('follows a relative redirect, but not more than five', async () => {
    const server = await serve((response) => response.writeHead(302, { location: '/again' }).end())
    expect(await failureOf(openOutbound().download(`${server.url}/cv.pdf`, most))).toMatchObject({
      name: 'RetryLater',
      code: 'file.redirects_endlessly',
    })
    expect(server.requests).toHaveLength(6)
  })

  it.each([
    ['says so beforehand', { 'content-length': '101' }],
    ['does not say so', {}],
  ])('stops at the limit when the server %s (case 46)', async (_, headers) => {
    const server = await serve((response) => response.writeHead(200, headers).end(Buffer.alloc(101)))
    expect(await openOutbound().download(server.url, most)).toBe('too_large')
  })

  it.each([
    ['as its server says', file, { length: file.length, reserved: [file.length] }],
    ['as it may be, where that is not known', file, { length: undefined, reserved: [100] }],
    ['as it may be once decoded', gzipSync(file), { length: gzipSync(file).length, reserved: [51, 100] }],
  ])('reserves as much %s before it is received', async (_what, stored, { length, reserved }) => {
    const headers = length === undefined ? {} : { 'content-length': String(length) }
    const server = await serve((response) => response.writeHead(200, headers).end(stored))
    const asked: number[] = []
    const reserve = async (bytes: number) => void asked.push(bytes)
    expect(await openOutbound().download(server.url, { ...most, reserve })).toMatchObject({ bytes: file })
    expect(asked).toEqual(reserved)
  })

  it.each([401, 403, 404, 410, 429, 500])(
    'a link that answers %i is tried again later, with a fresh one',
    async (status) => {
      const server = await serve((response) => response.writeHead(status).end())
      expect(await failureOf(openOutbound().download(server.url, most))).toMatchObject({
        name: 'RetryLater',
        code: 'file.not_available',
        details: { status },
      })
    },
  )

  it('is repeated where the server fails for a moment, and not where a fresh link is wanted', async () => {
    const failing = (status: number, headers = {}) =>
      serve((response, _request, number) =>
        number === 1
          ? response.writeHead(status, headers).end()
          : response.writeHead(200, { 'content-type': 'application/pdf' }).end(file),
      )
    const moment = await failing(503)
    expect(await openOutbound().download(moment.url, most)).toMatchObject({ bytes: file })
    expect(moment.requests).toHaveLength(2)
    for (const server of [
      await failing(403),
      await failing(429),
      await failing(503, { 'retry-after': '60' }),
    ]) {
      await failureOf(openOutbound().download(server.url, most))
      expect(server.requests).toHaveLength(1)
    }
  })

  it('goes on where it broke off, when the server can', async () => {
    const server = await serve((response, request, number) => {
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
      const range = from === 0 ? {} : { 'content-range': `bytes ${from}-${file.length - 1}/${file.length}` }
      const length = String(file.length - from)
      response.writeHead(from === 0 ? 200 : 206, { etag: '"v1"', 'content-length': length, ...range })
      if (number === 1) response.write(file.subarray(0, 10), () => response.destroy())
      else response.end(file.subarray(from))
    })
    expect(await openOutbound().download(server.url, most)).toMatchObject({ bytes: file })
    expect(server.requests.map(({ headers }) => [headers.range, headers['if-range']])).toEqual([
      [undefined, undefined],
      ['bytes=10-', '"v1"'],
    ])
  })

  it.each([
    ['sends the whole file again', () => [200, {}, file] as const],
    [
      'sends another range',
      (from: number) => [206, { 'content-range': `bytes ${from + 1}-${from + 1}/99` }, file] as const,
    ],
    ['says that the range does not exist', () => [416, {}, Buffer.alloc(0)] as const],
  ])('starts over when the server %s', async (_, answerTo) => {
    const server = await serve((response, request, number) => {
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
      if (number === 1) {
        response.writeHead(200, { 'content-length': String(file.length) })
        response.write(file.subarray(0, 10), () => response.destroy())
        return
      }
      const [status, headers, body] = from === 0 ? ([200, {}, file] as const) : answerTo(from)
      response.writeHead(status, { 'content-length': String(body.length), ...headers }).end(body)
    })
    expect(await openOutbound().download(server.url, most)).toMatchObject({ bytes: file })
  })

  it.each([
    ['gzip', gzipSync(file)],
    ['GZIP', gzipSync(file)],
    ['x-gzip', gzipSync(file)],
    ['', gzipSync(file)],
    ['br', brotliCompressSync(file)],
    ['deflate', deflateSync(file)],
    ['deflate', deflateRawSync(file)],
    ['gzip, br', brotliCompressSync(gzipSync(file))],
    ['identity', file],
    ['gzip', file],
    ['zstd-of-tomorrow', file],
  ])('that was stored compressed (%s) arrives as it was (W13)', async (coding, stored) => {
    const headers = {
      'content-type': 'application/pdf',
      ...(coding !== '' && { 'content-encoding': coding }),
    }
    const server = await serve((response) => response.writeHead(200, headers).end(stored))
    const got = await openOutbound().download(server.url, most)
    expect(got).toEqual({ bytes: file, contentType: 'application/pdf' })
    expect(server.requests[0]?.headers['accept-encoding']).toBe('identity')
  })

  it.each([
    ['gzip', gzipSync(Buffer.alloc(50_000_000))],
    ['br', brotliCompressSync(Buffer.alloc(50_000_000))],
    ['deflate', deflateSync(Buffer.alloc(60_001))],
  ])('is too large when it is larger than its limit once decoded (%s)', async (coding, stored) => {
    const server = await serve((response) =>
      response.writeHead(200, { 'content-encoding': coding }).end(stored),
    )
    expect(await openOutbound().download(server.url, { maxBytes: 60_000 })).toBe('too_large')
  })

  it('is given as it came when it is damaged, for its content to be judged', async () => {
    const stored = gzipSync(file).subarray(0, 20)
    const server = await serve((response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(stored),
    )
    expect(await openOutbound().download(server.url, most)).toMatchObject({ bytes: stored })
  })

  it('that comes compressed is fetched whole again when it broke off', async () => {
    const stored = gzipSync(file)
    const server = await serve((response, _, number) => {
      const headers = { etag: '"v1"', 'content-encoding': 'gzip', 'content-length': String(stored.length) }
      response.writeHead(200, headers)
      if (number === 1) response.write(stored.subarray(0, 10), () => response.destroy())
      else response.end(stored)
    })
    expect(await openOutbound().download(server.url, most)).toMatchObject({ bytes: file })
    expect(server.requests.map(({ headers }) => headers.range)).toEqual([undefined, undefined])
  })

  it('starts over when the rest comes compressed', async () => {
    const server = await serve((response, request, number) => {
      const length = { etag: '"v1"', 'content-length': String(file.length) }
      if (request.headers.range !== undefined) {
        const range = `bytes 10-${file.length - 1}/${file.length}`
        response.writeHead(206, { 'content-encoding': 'gzip', 'content-range': range })
        response.end(gzipSync(file.subarray(10)))
      } else if (number === 1) {
        response.writeHead(200, length)
        response.write(file.subarray(0, 10), () => response.destroy())
      } else response.writeHead(200, length).end(file)
    })
    expect(await openOutbound().download(server.url, most)).toMatchObject({ bytes: file })
    expect(server.requests).toHaveLength(3)
  })

  it('gives up after a few broken tries, to be tried again later', async () => {
    const server = await serve((response) => response.destroy())
    expect(await failureOf(openOutbound().download(server.url, most))).toMatchObject({
      name: 'RetryLater',
      code: 'file.no_answer',
      outcome: 'not_made',
    })
    expect(server.requests).toHaveLength(3)
  })
})
