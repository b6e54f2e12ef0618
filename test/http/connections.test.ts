// L2: connections that are only held leave no room for others, so those beyond a number are refused, and told.
import { once } from 'node:events'
import { connect } from 'node:net'

import { Hono } from 'hono'
import { expect, it } from 'vitest'

import { serveHttp } from '../../src/http/server.ts'

it('a connection too many is refused and told, and there is room again once one has ended', async () => {
  const dropped: (string | undefined)[] = []
  const app = new Hono()
  app.get('/', (context) => context.text('here'))
  const server = await serveHttp(app, {
    host: '127.0.0.1',
    port: 0,
    mostConnections: 2,
    onDrop: (from) => dropped.push(from),
  })
  const port = Number(new URL(server.url).port)
  const open = async () => {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return socket
  }
  const held = [await open(), await open()]
  const refused = await open()
  await once(refused.resume(), 'close')
  expect(dropped).toEqual(['127.0.0.1'])

  held[0]?.destroy()
  const answered = async () =>
    (await (await open()).end('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n').toArray()).join('')
  await expect.poll(answered).toContain('here')
  held[1]?.destroy()
  await server.close()
})
