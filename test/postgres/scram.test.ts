/** H4: a local stranger who holds the address of the embedded server while it is down gets no password, and no statement. */
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'

import type pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { openPool } from '../../src/postgres/database.ts'
import { listenWorks } from '../../src/postgres/listen-check.ts'

const password = 'jgPaSECRETzt'

/** https://www.postgresql.org/docs/18/protocol-message-formats.html */
function message(type: string, ...parts: readonly (number | string | Buffer)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => {
      if (typeof part !== 'number') return Buffer.from(part)
      const four = Buffer.alloc(4)
      four.writeInt32BE(part)
      return four
    }),
  )
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}
const askSasl = message('R', 10, 'SCRAM-SHA-256\0\0')
const welcome = message('R', 0)
const ready = message('Z', 'I')

/** What a stranger answers to the first message. */
const strangers: readonly (readonly [string, Buffer])[] = [
  ['asks for the password in clear text', message('R', 3)],
  ['asks for an MD5 of it', message('R', 5, 'salt')],
  ['asks for none', Buffer.concat([welcome, ready])],
  ['asks for none and does not even say welcome', ready],
  ['begins with SCRAM and goes on without it', Buffer.concat([askSasl, welcome, ready])],
  ['makes up a signature', Buffer.concat([askSasl, message('R', 12, 'v=AAAA'), welcome, ready])],
]

let server: Server
let heard: Buffer[]
let pool: pg.Pool
let answer: Buffer
const sockets = new Set<Socket>()

beforeEach(async () => {
  heard = []
  server = createServer((socket) => {
    sockets.add(socket)
    let begun = false
    socket.on('error', () => {})
    socket.on('data', (data) => {
      heard.push(data)
      if (!begun) socket.write(answer)
      begun = true
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  server.close()
  await pool.end()
})

const url = () => {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('it listens on no port')
  return `postgresql://app:${password}@127.0.0.1:${address.port}/postgres?require_auth=scram-sha-256`
}

describe('H4: a stranger in the place of the server', () => {
  it.each(strangers)('that %s is left, with no password and no statement', async (_, given) => {
    answer = given
    pool = openPool(url(), 1)
    await expect(pool.query(`select 'about a person'`)).rejects.toThrow(/SCRAM|SASL|prove/i)
    await expect(listenWorks(pool, url())).rejects.toThrow()
    const all = Buffer.concat(heard).toString('latin1')
    expect(all).toContain('user\0app\0')
    expect(all).not.toContain(password)
    expect(all).not.toMatch(/select|listen/)
    expect(pool.totalCount).toBe(0)
  })
})
