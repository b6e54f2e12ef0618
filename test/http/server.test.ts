// The app behind a real socket: the bytes that arrive, and the senders that go away.
import { Agent, request } from 'node:http'
import { connect } from 'node:net'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { createHttpApp, type HttpServer, serveHttp } from '../../src/http/server.ts'
import type { Delivery } from '../../src/intake/receive.ts'
import { type Log, silentLog } from '../../src/observe/log.ts'
import { createMetrics } from '../../src/observe/metrics.ts'
import { createOutage } from '../../src/observe/outage.ts'
import { until } from '../support/until.ts'

const metrics = createMetrics()
const errors: string[] = []
const log: Log = { ...silentLog, error: (_fields, message) => errors.push(message) }
const outage = createOutage(log, { began: 'began', over: 'over' })
const received: Delivery[] = []

let server: HttpServer
beforeEach(async () => {
  const receive = async (delivery: Delivery) => {
    received.push(delivery)
    return { outcome: 'signature_wrong' } as const
  }
  const app = createHttpApp({ receive, outage, log, metrics, readiness: [] })
  server = await serveHttp(app, { host: '127.0.0.1', port: 0 })
})
afterEach(async () => {
  await server.close()
  expect(errors.splice(0)).toEqual([])
  received.length = 0
})

const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
const bytes = (length: number) => Buffer.alloc(length, every)

describe('A webhook over a socket', () => {
  it('arrives byte for byte, one after the other on one connection, whichever way its body is sent', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const ports = new Set<number | undefined>()
    const send = (body: Buffer, { chunked = false, address = '/webhooks/pinpoint/acme' } = {}) =>
      new Promise<number | undefined>((resolve, reject) => {
        const headers = chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': body.length }
        const sent = request(`${server.url}${address}`, { method: 'POST', agent, headers }, (answer) => {
          ports.add(answer.socket.localPort)
          answer.resume().on('end', () => resolve(answer.statusCode))
        })
        sent.on('error', reject)
        for (let at = 0; at < body.length; at += 50_000) sent.write(body.subarray(at, at + 50_000))
        sent.end()
      })
    const bodies = [
      bytes(0),
      bytes(107),
      bytes(64 * 1024),
      bytes(64 * 1024 + 1),
      bytes(1024 * 1024),
      bytes(1),
    ]
    for (const body of bodies) {
      expect(await send(body)).toBe(401)
      expect(await send(body, { chunked: true })).toBe(401)
      // Nobody reads this body, and the next request is understood all the same.
      expect(await send(body, { address: '/nowhere' })).toBe(404)
    }
    expect(received.map(({ body }) => body)).toEqual(bodies.flatMap((body) => [body, body]))
    expect(ports.size).toBe(1)
    agent.destroy()
  })

  it.each([
    ['goes away', (socket: ReturnType<typeof connect>) => socket.destroy()],
    ['says that it has no more', (socket: ReturnType<typeof connect>) => socket.end()],
  ])('whose sender %s in the middle of a small body is counted as cut off', async (_what, leave) => {
    const cutOff = async () =>
      (await metrics.deliveries.get()).values.find(({ labels }) => labels.outcome === 'body_cut_off')
        ?.value ?? 0
    const before = await cutOff()
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    socket.on('error', () => {})
    const half = 'POST /webhooks/pinpoint/acme HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf'
    await new Promise((sent) => socket.write(half, sent))
    leave(socket)
    await until('it is counted', async () => (await cutOff()) === before + 1)
    expect(received).toEqual([])
  })
})
