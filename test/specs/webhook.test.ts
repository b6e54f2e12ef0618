import { randomBytes } from 'node:crypto'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { hireEvent, signPinpoint } from '../../sandbox/index.ts'
import { type Log, silentLog } from '../../src/observe/log.ts'
import { openWorld, signingSecret, type World } from '../support/world.ts'

let world: World
const lines: object[] = []
const warn: Log['warn'] = (fields) => lines.push(fields)
beforeAll(async () => {
  world = await openWorld({ log: { ...silentLog, warn } })
})
afterAll(() => world.close())

const post = (
  body: Buffer<ArrayBuffer> | string,
  {
    address = '/webhooks/pinpoint/acme',
    headers = {},
  }: { readonly address?: string; readonly headers?: object } = {},
) =>
  fetch(`${world.service?.url ?? ''}${address}`, {
    method: 'POST',
    body,
    headers: { ...headers, 'PINPOINT-HMAC-SHA256': signPinpoint(signingSecret, body) },
  })
const events = () => world.store.runs.listEvents({ limit: 100 })

describe('a webhook', () => {
  it('with a wrong or missing signature is refused and leaves no row', async () => {
    for (const signature of ['', 'short', 'A'.repeat(44)]) {
      expect((await world.send(hireEvent('1'), { signature })).status).toBe(401)
    }
    expect(await events()).toEqual([])
  })

  it('L3: for an unknown tenant is refused with the very bytes of a wrong signature, and told apart in log and metrics (case 60)', async () => {
    const body = hireEvent('1')
    const answers = await Promise.all(
      ['nobody', 'acme'].map(async (tenant) => {
        const answer = await fetch(`${world.service?.url ?? ''}/webhooks/pinpoint/${tenant}`, {
          method: 'POST',
          body,
          headers: { 'PINPOINT-HMAC-SHA256': signPinpoint('somebody else’s secret', body) },
        })
        const headers = [...answer.headers].filter(([name]) => name !== 'date')
        return { status: answer.status, headers, text: await answer.text() }
      }),
    )
    expect(answers[0]).toEqual(answers[1])
    expect(answers[0]?.status).toBe(401)
    const metrics = await (await fetch(`${world.service?.adminUrl ?? ''}/metrics`)).text()
    expect(metrics).toContain('deliveries_total{outcome="unknown_tenant"} 1')
    expect(lines).toContainEqual(expect.objectContaining({ outcome: 'unknown_tenant' }))
    expect(await events()).toEqual([])
  })

  it('for an unknown integration is refused', async () => {
    const body = hireEvent('1')
    expect((await world.send(body, { query: '?integration=nothing' })).status).toBe(404)
    expect(await events()).toEqual([])
  })

  it('larger than 1 MiB is refused', async () => {
    expect((await world.send('x'.repeat(1024 * 1024 + 1))).status).toBe(413)
  })

  it.each([
    ['an event we do not know', '{"event":"offer_accepted","data":{}}'],
    ['a body that is not JSON', 'not json'],
  ])('with %s is stored and answered 200', async (_what, body) => {
    const before = await events()
    const response = await world.send(body)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ duplicate: false, runs: 0 })
    expect(await events()).toHaveLength(before.length + 1)
  })

  it('without a tenant in its path is recognised by whose secret verifies it, and a second time is a duplicate', async () => {
    const { id, job } = world.sandbox.pinpoint.addApplication()
    const body = hireEvent(id, job.id)
    const url = `${world.service?.url ?? ''}/webhooks/pinpoint`
    const headers = { 'PINPOINT-HMAC-SHA256': signPinpoint(signingSecret, body) }
    const first = await fetch(url, { method: 'POST', body, headers })
    expect(await first.json()).toMatchObject({ duplicate: false, runs: 1 })
    const second = await fetch(url, { method: 'POST', body, headers })
    expect(await second.json()).toMatchObject({ duplicate: true, runs: 0 })
    expect(await world.settled(1)).toMatchObject([{ state: 'done' }])
  })

  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    // A proxy may have dropped the header.
    ['', gzipSync],
  ] as const)(
    'in the coding "%s", signed as it was sent, begins a run; a second time is a duplicate (W21)',
    async (coding, pack) => {
      const { id, job } = world.sandbox.pinpoint.addApplication()
      const body = pack(hireEvent(id, job.id))
      const headers = coding === '' ? {} : { 'content-encoding': coding }
      expect(await (await post(body, { headers })).json()).toMatchObject({ duplicate: false, runs: 1 })
      expect(await (await post(body, { headers })).json()).toMatchObject({ duplicate: true, runs: 0 })
    },
  )

  it('in a coding that is not known is refused with 415, unless it can be read all the same (W21)', async () => {
    const before = (await events()).length
    const headers = { 'content-encoding': 'x-nothing' }
    const odd = await post(randomBytes(200), { headers })
    expect([odd.status, await odd.json()]).toMatchObject([415, { error: 'coding_unknown' }])
    expect((await post(gzipSync('x'.repeat(1024 * 1024 + 1)))).status).toBe(413)
    expect(await events()).toHaveLength(before)
    expect((await post('{"event":"offer_accepted","data":{"x":1}}', { headers })).status).toBe(200)
  })

  it.each([null, '', true, 'soon', 4_102_444_800])(
    'whose time is %j begins a run, and a second time is a duplicate (W19)',
    async (triggeredAt) => {
      const { id, job } = world.sandbox.pinpoint.addApplication()
      const data = { application: { id: Number(id) }, job: { id: Number(job.id) } }
      const body = JSON.stringify({ event: 'application_hired', triggeredAt, data })
      const first = (await (await world.send(body)).json()) as { event: string }
      expect(first).toMatchObject({ duplicate: false, runs: 1 })
      expect(await (await world.send(body)).json()).toMatchObject({ event: first.event, duplicate: true })
      expect((await events()).find(({ id }) => id === first.event)).toMatchObject({ triggeredAt: null })
    },
  )

  it.each([
    '/webhooks/pinpoint/acme/',
    '/webhooks/pinpoint/Acme',
    '//webhooks/pinpoint/acme',
    '/webhooks//pinpoint///acme//',
    '/Webhooks/Pinpoint/ACME',
    '/webhooks/pinpoint/acme%20',
    '/webhooks/pinpoint/%20acme%C2%A0%E2%80%8B',
    '/webhooks/pinpoint/acme/?integration=HiBob',
    '/webhooks/pinpoint/acme?integration=hibob%20',
    '/webhooks/pinpoint/',
  ])('at the address %s, as people type it, belongs to the tenant (W22)', async (address) => {
    const { id, job } = world.sandbox.pinpoint.addApplication()
    const body = hireEvent(id, job.id)
    const answer = await post(body, { address })
    expect(await answer.json()).toMatchObject({ duplicate: false, runs: 1 })
  })

  it('is answered by a service that says it is alive and ready', async () => {
    const statuses = (url: string) =>
      Promise.all(
        ['/healthz', '/readyz', '/metrics'].map(async (path) => (await fetch(`${url}${path}`)).status),
      )
    expect(await statuses(world.service?.url ?? '')).toEqual([200, 200, 404])
    expect(await statuses(world.service?.adminUrl ?? '')).toEqual([200, 200, 200])
  })
})
