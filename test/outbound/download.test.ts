/** Files by link: no credentials, no endless anything, and no start from zero where that can be avoided. */
import { describe, expect, it } from 'vitest'

import { failureOf, openOutbound, serve } from './little-server.ts'

const file = Buffer.from('%PDF-1.7 invented bytes of a CV')
const most = { maxBytes: 100 }

describe('A download', () => {
  it('follows redirects to other hosts and takes no credentials along', async () => {
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
    expect(Object.keys(asked?.headers ?? {}).toSorted()).toEqual(['connection', 'host', 'user-agent'])
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
  ])('stops at the limit when the server %s', async (_, headers) => {
    const server = await serve((response) => response.writeHead(200, headers).end(Buffer.alloc(101)))
    expect(await openOutbound().download(server.url, most)).toBe('too_large')
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
