// Checking a connection: asked with real HTTP, answered in plain words, and never able to change anything.
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo } from 'node:net'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'

import { systemClock } from '../../src/base/clock.ts'
import { newConnectionId, newTenantId } from '../../src/base/ids.ts'
import { unlimited } from '../../src/outbound/call-interceptor.ts'
import { createOutbound } from '../../src/outbound/outbound.ts'
import { defineIntegration, type JsonObject, NeedsPerson, secret, type Target } from '../../src/sdk/index.ts'
import { checkConnection } from '../../src/tenants/check-connection.ts'
import type { DecryptedConnection } from '../../src/tenants/connection.ts'

const outbound = createOutbound({ allowPrivateNetwork: true, clock: systemClock })
const openHttp = outbound.openHttp(unlimited, { readOnly: true })

let server: Server
let seen: IncomingMessage[] = []
let answer: (path: string) => number = () => 200
let apiUrl = ''

beforeEach(async () => {
  seen = []
  answer = () => 200
  server = createServer((request, response) => {
    seen.push(request)
    const status = answer(request.url ?? '')
    response
      .writeHead(status, { 'content-type': 'application/vnd.api+json' })
      .end(status === 200 ? '{"data":[]}' : `{"errors":[{"status":"${status}","code":"refused"}]}`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const people = (check: 'reads' | 'writes' | 'finds a fault' | 'has a bug') =>
  defineIntegration({
    name: 'people',
    title: 'People',
    settings: z.strictObject({ site: z.string() }),
    secrets: z.strictObject({ token: secret('Token') }),
    async check({ settings, secrets, openHttp }) {
      if (check === 'has a bug') throw new TypeError('undefined is not a function')
      if (check === 'finds a fault')
        throw new NeedsPerson('people.site', 'There is no such site.', { fix: 'Name another.' })
      const http = openHttp({
        baseUrl: apiUrl,
        headers: { authorization: secrets.token },
        destination: 'people',
      })
      await http.send({ method: check === 'writes' ? 'POST' : 'GET', path: '/sites', bucket: 'sites' })
      return [{ ok: true, what: 'Site', because: `${settings.site} is there.` }]
    },
    on: {},
  })

const stored = (settings: Record<string, string> = { site: 'London' }): DecryptedConnection => {
  const times = { createdAt: new Date(0), updatedAt: new Date(0) }
  const tenant = {
    id: newTenantId(),
    slug: 'acme',
    apiUrl,
    apiKey: 'pinpoint-key',
    signingSecrets: ['s'],
    sweep: 'off' as const,
    keepFinishedFor: 'forever' as const,
    demoHires: false,
    ...times,
  }
  const connection = {
    id: newConnectionId(),
    tenant,
    integration: 'people',
    enabled: true,
    delay: 0,
    commentWhenParked: false,
    settings,
    paused: undefined,
    ...times,
  }
  return { connection, secrets: { token: 'people-token' }, tenant }
}

const check = (how: Parameters<typeof people>[0], connection = stored()) =>
  checkConnection({ integrations: [people(how)], openHttp }, connection)

describe('Checking a connection', () => {
  it('reads from Pinpoint and from the destination, each with its own credentials', async () => {
    expect(await check('reads')).toEqual([
      { ok: true, what: 'Pinpoint applications', because: 'The API key can read them.' },
      { ok: true, what: 'Pinpoint comments', because: 'The API key can read them.' },
      { ok: true, what: 'Site', because: 'London is there.' },
    ])
    expect(seen.map(({ headers }) => headers['x-api-key'] ?? headers.authorization)).toEqual([
      'pinpoint-key',
      'pinpoint-key',
      'people-token',
    ])
  })

  it('says once that the Pinpoint key is refused, and goes on to the destination', async () => {
    answer = (path) => (path.includes('/sites') ? 200 : 401)
    const report = await check('reads')
    expect(report.map(({ ok, what }) => [ok, what])).toEqual([
      [false, 'Pinpoint applications'],
      [true, 'Site'],
    ])
    expect(report[0]?.because).toContain('refused the credentials (401, refused)')
  })

  it('says which permission of the Pinpoint key is missing', async () => {
    answer = (path) => (path.includes('/comments') ? 403 : 200)
    expect((await check('reads')).map(({ ok }) => ok)).toEqual([true, false, true])
  })

  it('says what is wrong and what to do', async () => {
    const report = await check('finds a fault')
    expect(report.at(-1)).toEqual({
      ok: false,
      what: 'People',
      because: 'There is no such site. Name another.',
    })
  })

  it('says when settings do not fit this version, without calling the destination', async () => {
    const report = await check('reads', stored({ sight: 'x' }))
    expect(report.at(-1)?.because).toBe(
      'site is missing; sight is not a known key. Correct the file and apply it again.',
    )
    expect(seen).toHaveLength(2)
  })

  it('cannot write, whatever an integration tries', async () => {
    await check('writes').catch(() => undefined)
    expect(seen.filter(({ method }) => method !== 'GET')).toEqual([])
  })

  it('does not hide a bug of an integration', async () => {
    await expect(check('has a bug')).rejects.toThrow(TypeError)
  })
})

describe('The mapping of a connection', () => {
  const title = {
    id: 'title',
    title: 'Title',
    group: 'Work',
    type: 'choice',
    required: false,
    writable: true,
  } as const
  const choices = [{ id: '1', name: 'Engineer', archived: false, children: [] }]
  const checked = async (mapping: object, fields?: () => Promise<readonly Target[]>) => {
    const integration = defineIntegration({
      ...{ name: 'people', title: 'People', on: {} },
      settings: z.strictObject({ site: z.string() }),
      secrets: z.strictObject({ token: secret('Token') }),
      check: () => Promise.resolve([{ ok: true, what: 'Credentials', because: 'They are accepted.' }]),
      mapping: { targets: [title], defaults: () => ({}) },
      ...(fields && { fields }),
    })
    const given = stored()
    const mapped = { ...given.connection, mapping: { written: mapping as JsonObject, version: 1 } }
    const report = await checkConnection(
      { integrations: [integration], openHttp },
      { ...given, connection: mapped },
    )
    return report.filter(({ what }) => what === 'Mapping')
  }

  it('is compared with the fields that the destination has now', async () => {
    const live = () => Promise.resolve([{ ...title, choices }])
    expect(await checked({ title: { constant: 'engineer' } }, live)).toMatchObject([{ ok: true }])
    expect(await checked({ title: { constant: 'Enginer' }, gone: 'job.title' }, live)).toMatchObject([
      { ok: false, because: expect.stringMatching(/^The destination has no field gone any more/) as string },
      {
        ok: false,
        because: expect.stringMatching(/"Enginer".*is not in its list\. Did you mean "Engineer"/) as string,
      },
    ])
  })

  it('is a finding, too, where the fields may not be read', async () => {
    const denied = () =>
      Promise.reject(new NeedsPerson('people.denied', 'It may not read them.', { fix: 'Grant it.' }))
    expect(await checked({ title: 'job.title' }, denied)).toEqual([
      { ok: false, aside: true, what: 'Mapping', because: 'It may not read them. Grant it.' },
    ])
  })
})
