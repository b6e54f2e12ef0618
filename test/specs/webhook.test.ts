import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { hireEvent, signPinpoint } from '../../sandbox/index.ts'
import { openWorld, signingSecret, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const events = () => world.store.desk.listEvents({ limit: 100 })

describe('a webhook', () => {
  it('with a wrong or missing signature is refused and leaves no row', async () => {
    for (const signature of ['', 'short', 'A'.repeat(44)]) {
      expect((await world.send(hireEvent('1'), { signature })).status).toBe(401)
    }
    expect(await events()).toEqual([])
  })

  it('for an unknown tenant or integration is refused', async () => {
    const body = hireEvent('1')
    const unknown = await fetch(`${world.service?.url ?? ''}/webhooks/pinpoint/nobody`, {
      method: 'POST',
      body,
    })
    expect(unknown.status).toBe(404)
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

  it('is answered by a service that says it is alive and ready', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics']) {
      expect((await fetch(`${world.service?.url ?? ''}${path}`)).status).toBe(200)
    }
  })
})
