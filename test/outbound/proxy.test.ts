/** Where the only way out is a proxy: everything goes through it, and nothing that would be refused without it. */
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'

import { afterEach, beforeAll, describe, expect, it } from 'vitest'

import type { OutboundOptions } from '../../src/outbound/outbound.ts'
import { type Certificate, makeCertificate } from '../support/certificate.ts'
import { type ConnectProxy, type ConnectProxyOptions, openConnectProxy } from '../support/connect-proxy.ts'
import { client, failureOf, json, openOutbound, serve } from './little-server.ts'

const read = { method: 'GET', path: '/x', bucket: 'search' } as const
/** No name server knows it: only the proxy does. */
const host = 'bob.invalid'

let certificate: Certificate
const closing: (() => Promise<void>)[] = []

beforeAll(async () => {
  certificate = await makeCertificate(`DNS:${host}`)
  setDefaultCACertificates([...getCACertificates('default'), certificate.authority])
})
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()))
})

async function openProxy(options: ConnectProxyOptions): Promise<ConnectProxy> {
  const proxy = await openConnectProxy(options)
  closing.push(() => proxy.close())
  return proxy
}

/** An https server of that name, which answers with the key that it was given. */
async function serveBob(): Promise<number> {
  const server = createServer(certificate, ({ headers }, response) =>
    json(response, 200, { key: headers['x-api-key'] ?? null }),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return (server.address() as AddressInfo).port
}

function through(
  proxy: Pick<ConnectProxy, 'port'>,
  { user = '', except = '' } = {},
): OutboundOptions['proxies'] {
  const url = `http://${user}127.0.0.1:${proxy.port}`
  return { https: url, http: url, except }
}

const guarded = { allowPrivateNetwork: false }

describe('Through a proxy (W27)', () => {
  it('a destination is called by CONNECT, under a name that only the proxy can resolve', async () => {
    const proxy = await openProxy({ leads: { [`${host}:443`]: await serveBob() } })
    const bob = client(`https://${host}`, { ...guarded, proxies: through(proxy) })
    expect(await bob.send(read)).toMatchObject({ status: 200, json: { key: 'key-of-bob' } })
    expect(proxy.asked).toEqual([`CONNECT ${host}:443`])
  })

  it('so are files', async () => {
    const proxy = await openProxy({ leads: { [`${host}:8443`]: await serveBob() } })
    const outbound = openOutbound({ ...guarded, proxies: through(proxy) })
    const file = await outbound.download(`https://${host}:8443/cv.pdf`, { maxBytes: 100 })
    expect(file).toMatchObject({ bytes: Buffer.from('{"key":null}') })
    expect(proxy.asked).toEqual([`CONNECT ${host}:8443`])
  })

  it('plain http is forwarded, where it is allowed at all', async () => {
    const server = await serve((response) => json(response, 200, {}))
    const proxy = await openProxy({ leads: { [host]: server.port } })
    await client(`http://${host}`, { proxies: through(proxy) }).send(read)
    expect(proxy.asked).toEqual([`GET http://${host}/x`])
    expect(server.requests).toMatchObject([{ line: 'GET /x', headers: { host } }])
  })

  it('user and password are given to the proxy, and to nobody else', async () => {
    const credentials = 'ada:p@ss word'
    const proxy = await openProxy({ leads: { [`${host}:443`]: await serveBob() }, credentials })
    const proxies = through(proxy, { user: 'ada:p%40ss%20word@' })
    expect(await client(`https://${host}`, { ...guarded, proxies }).send(read)).toMatchObject({ status: 200 })
  })

  it('the certificate of the destination is checked by us', async () => {
    const proxy = await openProxy({ leads: { 'other.invalid:443': await serveBob() } })
    const other = client('https://other.invalid', { ...guarded, proxies: through(proxy) })
    expect(await failureOf(other.send(read))).toMatchObject({
      code: 'bob.unreachable',
      details: { error: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    })
  })

  it.each([
    ['its own name', host, true],
    ['a name above it, with a dot', '.invalid', true],
    ['in capitals, among others', 'x.example,  BOB.INVALID', true],
    ['with its port', `${host}:443`, true],
    ['with another port', `${host}:8443`, false],
    ['everything', '*', true],
    ['the end of its name', 'ob.invalid', false],
    ['nothing', '', false],
  ])('NO_PROXY with %s', async (_, except, direct) => {
    const proxy = await openProxy({ refuses: 403 })
    const bob = client(`https://${host}`, { ...guarded, proxies: through(proxy, { except }) })
    const { code, details } = await failureOf(bob.send(read))
    expect([code, details['error'] === '403', proxy.asked.length]).toEqual([
      'bob.unreachable',
      !direct,
      direct ? 0 : 1,
    ])
  })
})

describe('A proxy that refuses', () => {
  it.each([
    ['asks for a password', { credentials: 'ada:right' }, '407'],
    ['does not allow the destination', { refuses: 403 }, '403'],
    ['cannot reach it', { refuses: 502 }, '502'],
    ['hangs up', { refuses: 'closed' }, 'UND_ERR_SOCKET'],
  ] as const)('because it %s: an outage, and nothing was sent', async (_, options, error) => {
    const proxy = await openProxy(options)
    const proxies = through(proxy, { user: 'ada:wr0ng@' })
    const failure = await failureOf(client(`https://${host}`, { ...guarded, proxies }).send(read))
    expect(failure).toMatchObject({
      code: 'bob.unreachable',
      kind: 'outage',
      outcome: 'not_made',
      details: { error },
    })
    expect(failure.message).toContain(`the proxy refused the connection (${error}`)
    expect(`${failure.message}${JSON.stringify(failure.details)}`).not.toMatch(/ada|wr0ng|127\.0\.0\.1/)
  })

  it('because nobody listens there', async () => {
    const failure = await failureOf(client(`https://${host}`, { proxies: through({ port: 9 }) }).send(read))
    expect(failure).toMatchObject({ code: 'bob.unreachable', details: { error: 'ECONNREFUSED' } })
    expect(failure.message).toContain('the proxy refused')
  })

  it('plain http, for want of a password', async () => {
    const proxy = await openProxy({ credentials: 'ada:right' })
    const failure = await failureOf(client(`http://${host}`, { proxies: through(proxy) }).send(read))
    expect(failure).toMatchObject({ code: 'bob.unreachable', details: { error: '407' } })
  })

  it('an answer that is cut off behind it is the destination’s, and its outcome unclear', async () => {
    const server = await serve((response) => response.destroy())
    const proxy = await openProxy({ leads: { [host]: server.port } })
    const make = { method: 'POST', path: '/x', json: {}, bucket: 'create', effect: true } as const
    const failure = await failureOf(client(`http://${host}`, { proxies: through(proxy) }).send(make))
    expect(failure).toMatchObject({ code: 'bob.no_answer', outcome: 'unclear' })
  })
})

describe('Private networks', () => {
  it.each([
    ['a literal address', 'https://127.0.0.1'],
    ['a literal address of IPv6', 'https://[::1]'],
    ['a name that leads there', 'https://localhost'],
    ['the metadata of a cloud', 'https://169.254.169.254'],
  ])('%s is not asked of a proxy, which is itself on one', async (_, url) => {
    const proxy = await openProxy({})
    const options = { ...guarded, proxies: through(proxy) }
    expect(await failureOf(client(url, options).send(read))).toMatchObject({ code: 'bob.address_refused' })
    const file = openOutbound(options).download(`${url}/cv.pdf`, { maxBytes: 10 })
    expect(await failureOf(file)).toMatchObject({ code: 'file.address_refused' })
    expect(proxy.asked).toEqual([])
  })

  it('nor called directly, for being in NO_PROXY', async () => {
    const proxies = through({ port: 9 }, { except: 'localhost' })
    const failure = await failureOf(client('https://localhost', { ...guarded, proxies }).send(read))
    expect(failure).toMatchObject({ code: 'bob.address_refused' })
  })
})
