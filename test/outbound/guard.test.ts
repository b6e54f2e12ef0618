/** What a tenant's URL can make us do: nothing on our own network, and nothing with a key that is not its own. */
import { describe, expect, it } from 'vitest'

import { NeedsPerson, Refused } from '../../src/base/failure.ts'
import { client, failureOf, json, openOutbound, serve } from './little-server.ts'

const get = { method: 'GET', path: '/x', bucket: 'read' } as const

describe('Private networks', () => {
  it.each([
    ['an IPv4 literal', (port: number) => `https://127.0.0.1:${port}`],
    ['an IPv4 literal in disguise', (port: number) => `https://0x7f.1:${port}`],
    ['an IPv6 literal', (port: number) => `https://[::1]:${port}`],
    ['an IPv4 literal mapped into IPv6', (port: number) => `https://[::ffff:127.0.0.1]:${port}`],
    ['a name that leads there', (port: number) => `https://localhost:${port}`],
  ])('%s is refused before anything is sent', async (_, urlOf) => {
    const server = await serve((response) => json(response, 200, {}))
    const http = client(urlOf(server.port), { allowPrivateNetwork: false })

    const failure = await failureOf(http.send(get))

    expect(failure).toBeInstanceOf(NeedsPerson)
    expect(failure).toMatchObject({ code: 'bob.address_refused', liftedBy: 'connection' })
    expect(server.requests).toEqual([])
  })

  it.each([
    'http://example.com',
    'file:///etc/passwd',
    'ftp://example.com',
    'https://user:word@example.com',
    'nonsense',
  ])('an address like %s is refused at once', (url) =>
    expect(() => client(url, { allowPrivateNetwork: false })).toThrow(NeedsPerson),
  )

  it('a file is not fetched from there either', async () => {
    const outbound = openOutbound({ allowPrivateNetwork: false })
    const failures = [
      'https://localhost/cv.pdf',
      'https://169.254.169.254/latest',
      'http://example.com/cv.pdf',
    ].map((url) => failureOf(outbound.download(url, { maxBytes: 10 })))
    for (const failure of await Promise.all(failures)) expect(failure.code).toBe('file.address_refused')
  })

  it('are reached where they are allowed', async () => {
    const server = await serve((response) => json(response, 200, { ok: true }))
    expect((await client(`http://localhost:${server.port}`).send(get)).json).toEqual({ ok: true })
  })
})

describe('The key of a client', () => {
  it('goes to the client’s own host', async () => {
    const server = await serve((response) => json(response, 200, {}))
    await client(`${server.url}/v1`).send(get)
    expect(server.requests).toMatchObject([{ line: 'GET /v1/x', headers: { 'x-api-key': 'key-of-bob' } }])
  })

  it('does not follow a redirect to another host', async () => {
    const other = await serve((response) => json(response, 200, {}))
    const server = await serve((response) => response.writeHead(302, { location: other.url }).end())

    const failure = await failureOf(client(server.url).send(get))

    expect(failure).toMatchObject({ code: 'bob.redirected', liftedBy: 'connection' })
    expect(other.requests).toEqual([])
  })

  it.each(['/../admin', '/a/../../admin', '//other.example.com/x'])(
    'does not leave the address of the client by the path %s',
    async (path) => {
      const server = await serve((response) => json(response, 200, {}))
      const outcome = client(`${server.url}/v1`).send({ ...get, path })
      if (path.startsWith('//')) {
        await outcome
        expect(server.requests[0]?.line).toBe('GET /v1//other.example.com/x')
      } else {
        expect(await failureOf(outcome)).toBeInstanceOf(Refused)
        expect(server.requests).toEqual([])
      }
    },
  )
})

describe('A client that only reads', () => {
  it.each([
    { ...get },
    { method: 'POST', path: '/people/search', json: {}, bucket: 'search', read: true },
  ] as const)('sends $method $path', async (request) => {
    const server = await serve((response) => json(response, 200, {}))
    await client(server.url, { readOnly: true }).send(request)
    expect(server.requests).toHaveLength(1)
  })

  it.each([
    { method: 'POST', path: '/people', json: {}, bucket: 'create' },
    { method: 'PUT', path: '/people', json: {}, bucket: 'create' },
    { method: 'DELETE', path: '/people', bucket: 'create' },
    { method: 'POST', path: '/people', json: {}, bucket: 'create', read: true, effect: true },
  ] as const)('refuses $method $path', async (request) => {
    const server = await serve((response) => json(response, 200, {}))
    expect(await failureOf(client(server.url, { readOnly: true }).send(request))).toMatchObject({
      code: 'outbound.read_only',
    })
    expect(server.requests).toEqual([])
  })
})
