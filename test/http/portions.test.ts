// H1: what one connection can make the process do before it is gone, and that whoever is honest notices nothing of it.
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'

import { Hono } from 'hono'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { createBodyReader } from '../../src/http/read-body.ts'
import { type HttpServer, serveHttp } from '../../src/http/server.ts'
import { readAnswers } from '../fuzz/raw-client.ts'
import { until } from '../support/until.ts'

let server: HttpServer
let sockets: Socket[]
let read: (Buffer | string)[]
beforeEach(async () => {
  const readBody = createBodyReader()
  sockets = []
  read = []
  const app = new Hono<{ Bindings: { readonly incoming: IncomingMessage } }>()
  app.get('/short', (c) => c.text('short'))
  app.get('/long', (c) => c.text('x'.repeat(20_000)))
  app.post('/read', async (c) => {
    const body = await readBody(c.req, c.env.incoming)
    read.push(body)
    return c.text(typeof body === 'string' ? body : `${body.length}`)
  })
  server = await serveHttp(app as unknown as Hono, { host: '127.0.0.1', port: 0 })
})
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  await server.close()
})

async function open() {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  sockets.push(socket)
  const client = { socket, received: '', closed: false }
  socket.on('data', (bytes) => (client.received += bytes.toString('latin1')))
  socket.on('error', () => {})
  socket.on('close', () => (client.closed = true))
  await once(socket, 'connect')
  return client
}
const head = (path: string, ...more: readonly string[]) =>
  `${path} HTTP/1.1\r\n${['Host: door.example.com', ...more].join('\r\n')}\r\n\r\n`
const chunked = 'Transfer-Encoding: chunked'
const pieces = (count: number, size = 1) => `${size.toString(16)}\r\n${'a'.repeat(size)}\r\n`.repeat(count)

describe('H1: a connection that sends its body in pieces of a few bytes', () => {
  it.each([
    ['that is read', 'POST /read'],
    ['that nobody reads', 'POST /nothing'],
    ['of a request that is answered without it', 'GET /short'],
  ])('is destroyed, with a body %s', async (_what, path) => {
    const client = await open()
    client.socket.write(head(path, chunked) + pieces(60_000))
    await until('it to be destroyed', () => client.closed)
    if (path === 'POST /read') expect(read).toEqual(['in_pieces'])
  })

  it('is closed once it is answered, if that is before they come', async () => {
    const client = await open()
    client.socket.write(head('POST /nothing', chunked))
    await until('it to be answered and closed', () => client.closed)
    expect(readAnswers(client.received).statuses).toEqual([404])
  })

  it('is not destroyed for up to 256 of them, nor for many of a size that makes sense', async () => {
    const few = await open()
    few.socket.write(`${head('POST /read', chunked)}${pieces(250)}0\r\n\r\n`)
    const many = await open()
    many.socket.write(`${head('POST /read', chunked)}${pieces(10_000, 100)}0\r\n\r\n`)
    await until('both to be answered', () => few.received !== '' && many.received !== '')
    expect(read.map((body) => body.length).sort((a, b) => a - b)).toEqual([250, 1_000_000])
  })
})

describe('A connection that is parsed in portions', () => {
  it('gives each body whole, however it lies across them', async () => {
    for (const length of [1, 2_047, 2_048, 2_049, 65_536, 1_048_576]) {
      const client = await open()
      const body = Buffer.alloc(length, 'b').toString()
      client.socket.write(head('POST /read', `Content-Length: ${length}`) + body)
      await until('it to be answered', () => client.received.endsWith(String(length)))
    }
    expect(read.map((body) => body.length)).toEqual([1, 2_047, 2_048, 2_049, 65_536, 1_048_576])
  })

  it('answers each of a thousand requests that came at once, in order, to who reads only afterwards', async () => {
    const client = await open()
    client.socket.pause()
    const turns = Array.from({ length: 1_000 }, (_, index) => (index % 2 === 0 ? '/long' : '/short'))
    client.socket.write(turns.map((path) => head(`GET ${path}`)).join(''))
    await until('answers to wait for being read', () => client.socket.bytesRead > 0)
    client.socket.resume()
    await until('all to be answered', () => client.received.endsWith('short'), 20)
    await until('the last', () => readAnswers(client.received).statuses.length === 1_000, 20)
  })
})
