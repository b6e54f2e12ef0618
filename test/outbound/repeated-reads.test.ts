// A read that fails once is no failed attempt: which calls are repeated at once, how often, and at whose expense.
import type { ServerResponse } from 'node:http'

import { describe, expect, it } from 'vitest'

import { secondsAfter, systemClock } from '../../src/base/clock.ts'
import { makingUntil } from '../../src/base/effect-deadline.ts'
import type { CallMetrics } from '../../src/outbound/send.ts'
import { failureOf, json, memoryLimits, openOutbound, serve } from './little-server.ts'

const read = { method: 'GET', path: '/x', bucket: 'search' } as const
const search = { method: 'POST', path: '/x', json: { a: 1 }, bucket: 'search', read: true } as const
const make = { method: 'POST', path: '/x', json: { a: 1 }, bucket: 'create', effect: true } as const

const status =
  (code: number, headers = {}) =>
  (response: ServerResponse) =>
    void response
      .writeHead(code, { 'content-type': 'application/json', ...headers })
      .end('{"key":"some.key"}')
const cut = (response: ServerResponse) => void response.destroy()
const half = (response: ServerResponse) =>
  void response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":')
const html = (response: ServerResponse) =>
  void response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>')

/** A client of a server that answers so as often as `times`, and then well. */
async function clientOf(
  fails: (response: ServerResponse) => void,
  { times = Infinity, timeoutSeconds = 5 } = {},
) {
  const server = await serve((response, _request, number) =>
    number <= times ? fails(response) : json(response, 200, { id: '1' }),
  )
  const metrics: CallMetrics[] = []
  const limits = memoryLimits()
  const outbound = openOutbound({ onCall: (call) => metrics.push(call), chance: () => 0 })
  const http = outbound.openHttp(limits, { readOnly: false })({
    baseUrl: server.url,
    headers: {},
    destination: 'bob',
    timeoutSeconds,
  })
  const send: typeof http.send = (request) => http.send(request)
  return { server, metrics, limits, outbound, send }
}

const failures = [
  ['500', status(500)],
  ['503', status(503)],
  ['408', status(408)],
  ['a cut connection', cut],
  ['half an answer', half],
] as const

describe('A read', () => {
  it.each(failures)('that fails twice with %s succeeds with the third call', async (_, fails) => {
    const { server, limits, metrics, send } = await clientOf(fails, { times: 2 })
    expect(await send(read)).toMatchObject({ status: 200, json: { id: '1' } })
    expect(server.requests).toHaveLength(3)
    expect(metrics.map(({ repetition }) => repetition)).toEqual([false, true, true])
    // A permit for each, and one call for the circuit.
    expect(limits.ends).toHaveLength(3)
    expect(limits.repeated).toHaveLength(2)
    expect(limits.answers).toEqual([{ status: 200 }])
  })

  it('by POST is repeated like one by GET', async () => {
    const { server, send } = await clientOf(status(500), { times: 1 })
    expect(await send(search)).toMatchObject({ status: 200 })
    expect(server.requests.map(({ body }) => body.toString())).toEqual(['{"a":1}', '{"a":1}'])
  })

  it('that keeps failing is repeated twice, and counts as one failed call', async () => {
    const { server, limits, send } = await clientOf(status(500))
    expect(await failureOf(send(read))).toMatchObject({ code: 'bob.unavailable', kind: 'outage' })
    expect(server.requests).toHaveLength(3)
    expect(limits.answers).toMatchObject([{ status: 500, failure: { code: 'bob.unavailable' } }])
  })

  it.each([
    ...[400, 401, 403, 404, 409, 422, 429].map((code) => [String(code), status(code)] as const),
    ['a web page', html] as const,
    ['503 with Retry-After', status(503, { 'retry-after': '5' })] as const,
  ])('is not repeated after %s', async (_, fails) => {
    const { server, send } = await clientOf(fails)
    await failureOf(send(read))
    expect(server.requests).toHaveLength(1)
  })

  it('is not repeated without a permit: what it failed with remains', async () => {
    const { server, limits, send } = await clientOf((response) => {
      limits.paused.set('bob.search', secondsAfter(systemClock.now(), 60))
      status(500)(response)
    })
    expect(await failureOf(send(read))).toMatchObject({ code: 'bob.unavailable' })
    expect(server.requests).toHaveLength(1)
    expect(limits.answers).toHaveLength(1)
  })

  it('is not repeated once the time of the call is over', async () => {
    const { server, send } = await clientOf(() => undefined, { timeoutSeconds: 0.2 })
    expect(await failureOf(send(read))).toMatchObject({ code: 'bob.no_answer' })
    expect(server.requests).toHaveLength(1)
  })

  it('is not repeated once the service closes', async () => {
    const { server, outbound, send } = await clientOf((response) => {
      void outbound.close()
      status(500)(response)
    })
    await failureOf(send(read))
    expect(server.requests).toHaveLength(1)
  })
})

describe('What makes something', () => {
  const inMake = <T>(work: () => Promise<T>) => makingUntil(secondsAfter(systemClock.now(), 30), work)

  it.each(failures)('is sent once, also when it meets %s', async (_, fails) => {
    const { server, send } = await clientOf(fails)
    await failureOf(inMake(() => send(make)))
    expect(server.requests).toHaveLength(1)
  })

  it('reads without repetition while it is at it', async () => {
    const { server, send } = await clientOf(status(500))
    await failureOf(inMake(() => send(read)))
    expect(server.requests).toHaveLength(1)
  })
})
