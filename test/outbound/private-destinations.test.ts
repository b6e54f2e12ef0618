// M8: what the operator has named, by host and port, and nothing else on private addresses.
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'

import { afterEach, beforeAll, expect, it } from 'vitest'

import { readConfig } from '../../src/config/environment.ts'
import { type Certificate, makeCertificate } from '../support/certificate.ts'
import { client, failureOf, json, openOutbound, serve } from './little-server.ts'

const get = { method: 'GET', path: '/x', bucket: 'read' } as const
const closing: (() => Promise<void>)[] = []
let certificate: Certificate
beforeAll(async () => {
  certificate = await makeCertificate('DNS:localhost,IP:127.0.0.1')
  setDefaultCACertificates([...getCACertificates('default'), certificate.authority])
})
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()))
})

async function serveSecurely(location?: (port: number) => string): Promise<number> {
  const server = createServer(certificate, (_, response) => {
    if (location === undefined) json(response, 200, { here: true })
    else response.writeHead(302, { location: location(port) }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  closing.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return port
}

it('an API call reaches a listed host at its listed port, and at no other one', async () => {
  const [port, other] = [await serveSecurely(), await serveSecurely()]
  const given = { allowPrivateNetwork: false, privateDestinations: [`localhost:${port}`] }
  expect(await client(`https://localhost:${port}`, given).send(get)).toMatchObject({ json: { here: true } })
  for (const url of [`https://localhost:${other}`, `https://127.0.0.1:${port}`]) {
    expect(await failureOf(client(url, given).send(get))).toMatchObject({ code: 'bob.address_refused' })
  }
})

it('plain http stays refused there', async () => {
  const server = await serve((response) => json(response, 200, {}))
  const given = { allowPrivateNetwork: false, privateDestinations: [`127.0.0.1:${server.port}`] }
  expect(() => client(server.url, given)).toThrow('not a public https address')
})

it('a file is never fetched from there, nor a redirect followed to it', async () => {
  const port = await serveSecurely()
  const redirecting = await serveSecurely(() => `https://localhost:${port}/x`)
  const given = {
    allowPrivateNetwork: false,
    privateDestinations: [`localhost:${port}`, `localhost:${redirecting}`],
  }
  const file = openOutbound(given).download(`https://localhost:${port}/cv.pdf`, { maxBytes: 10 })
  expect(await failureOf(file)).toMatchObject({ code: 'file.address_refused' })
  const call = client(`https://localhost:${redirecting}`, given).send(get)
  expect(await failureOf(call)).toMatchObject({ code: 'bob.redirected' })
})

it('the list is read in the spelling of addresses', () => {
  const read = (list: string) => readConfig({ ALLOW_PRIVATE_DESTINATIONS: list }).privateDestinations
  expect(read(' HR.internal:8443, 10.2.3.4:443,[FD00::1]:443 ')).toEqual([
    'hr.internal:8443',
    '10.2.3.4:443',
    '[fd00::1]:443',
  ])
  expect(read('')).toEqual([])
  for (const bad of [
    'hr.internal',
    '10.2.3.4:0',
    'https://hr.internal:443',
    'a:443/x',
    '*:443',
    '10.0.0.0/8:443',
  ]) {
    expect(() => read(bad)).toThrow('ALLOW_PRIVATE_DESTINATIONS')
  }
})
