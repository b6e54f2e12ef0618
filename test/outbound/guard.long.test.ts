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
    expect(failure).toMatchObject({ code: 'bob.address_refused', resumesOn: 'connection' })
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

  it('a file is not fetched from there either (case 49)', async () => {
    const outbound = openOutbound({ allowPrivateNetwork: false })
    const failures = [
      'https://localhost/cv.pdf',
      'https://169.254.169.254/latest',
      'http://example.com/cv.pdf',
    ].map((url) => failureOf(outbound.download(url, { maxBytes: 10 })))
    for (const failure of await Promise.all(failures)) expect(failure.code).toBe('file.address_refused')
  })

  // The names of the list lead nowhere without a name server of their own; what they would lead to is in public-address.test.ts.
  it.each([
    ...['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0177.0.0.1', '0', '0.0.0.0', '[::1]', '[::]'],
    ...['[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[0:0:0:0:0:ffff:7f00:1]', '[64:ff9b::7f00:1]'],
    ...['[64:ff9b:1::7f00:1]', '[::127.0.0.1]', '[2002:7f00:1::]', '[2001:0:7f00:1::]', '[fe80::1]'],
    ...['[fd00:ec2::254]', '[fec0::1]', '[ff02::1]', '169.254.169.254', '[::ffff:a9fe:a9fe]'],
    ...['100.100.100.200', '192.0.0.192', '168.63.129.16', 'localhost', '127.0.0.1.'],
    ...['①②⑦.0.0.1', '127。0。0。1', '[fe80::1%25eth0]', '255.255.255.255', '224.0.0.1'],
    ...['198.18.0.1', '192.0.0.1', '240.0.0.1', 'user:pw@127.0.0.1'],
  ])('no tenant’s address or link leads to %s (L9)', async (host) => {
    const server = await serve((response) => json(response, 200, {}))
    const outbound = openOutbound({ allowPrivateNetwork: false })
    const url = `https://${host}:${server.port}/latest`
    const call = async () => client(url, { allowPrivateNetwork: false }).send({ ...get, path: '' })
    expect(await failureOf(call())).toMatchObject({ code: 'bob.address_refused' })
    const file = outbound.download(url, { maxBytes: 10 })
    expect(await failureOf(file)).toMatchObject({ code: 'file.address_refused' })
    expect(server.requests).toEqual([])
  })

  it.each(['data:text/plain,x', 'ftp://x/', 'file:///etc/passwd', 'http://example.com/'])(
    '%s is no address (L9)',
    (url) => expect(() => client(url, { allowPrivateNetwork: false })).toThrow(NeedsPerson),
  )

  it.each(['169.254.169.254', '[::ffff:a9fe:a9fe]', '[fe80::1]', '[fd00:ec2::254]', '168.63.129.16'])(
    '%s is called in no case, whatever is allowed (M8)',
    async (host) => {
      const privateDestinations = [`${host}:443`]
      for (const options of [{}, { allowPrivateNetwork: false, privateDestinations }]) {
        const failure = await failureOf(client(`https://${host}`, options).send(get))
        expect(failure).toMatchObject({ code: 'bob.address_refused' })
      }
      const file = openOutbound().download(`https://${host}/cv.pdf`, { maxBytes: 10 })
      expect(await failureOf(file)).toMatchObject({ code: 'file.address_refused' })
    },
  )

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

    expect(failure).toMatchObject({ code: 'bob.redirected', resumesOn: 'connection' })
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
