import { describe, expect, it } from 'vitest'

import { databaseUrlOf } from '../../src/lambda/database-secret.ts'
import { bindingsOf, toRequest, toResult } from '../../src/lambda/function-url.ts'
import { openPool } from '../../src/postgres/database.ts'
import { inTransaction } from '../../src/postgres/transaction.ts'
import { freshDatabase } from '../support/database.ts'
import { urlEvent } from './events.ts'

describe('a function URL’s event', () => {
  it('keeps every byte of a body that is no text', async () => {
    const bytes = Buffer.from([0, 255, 254, 10, 13, 128])
    const event = { ...urlEvent('/x', { body: '' }), body: bytes.toString('base64'), isBase64Encoded: true }
    const request = toRequest(event)
    expect(Buffer.from(await request.arrayBuffer())).toEqual(bytes)
    expect(request.headers.get('content-length')).toBe('6')
  })

  it('keeps path, query, cookies and an odd path that looks like a host', () => {
    const event = { ...urlEvent('/runs?state=parked&state=done'), cookies: ['a=1', 'b=2'] }
    const request = toRequest(event)
    expect(request.url).toBe('https://abc.lambda-url.eu-west-1.on.aws/runs?state=parked&state=done')
    expect(request.headers.get('cookie')).toBe('a=1; b=2')
    expect(new URL(toRequest({ ...event, rawPath: '//evil.example.com/x' }).url).host).toBe(
      'abc.lambda-url.eu-west-1.on.aws',
    )
  })

  it('L14: names who called it, as AWS says and not as a header does', () => {
    const event = urlEvent('/', { headers: { 'x-forwarded-for': '198.51.100.1' } })
    expect(bindingsOf(event)).toEqual({ peer: '192.0.2.1' })
  })

  it('drops a header that cannot be one, instead of failing', () => {
    expect(toRequest(urlEvent('/', { headers: { 'x-odd': 'ключ' } })).headers.has('x-odd')).toBe(false)
  })
})

describe('the answer through a function URL', () => {
  it('is text where it is text, and base64 where it is not', async () => {
    expect(await toResult(Response.json({ ok: '✓' }))).toMatchObject({
      body: '{"ok":"✓"}',
      isBase64Encoded: false,
    })
    const png = new Response(new Uint8Array([137, 80, 255]), { headers: { 'content-type': 'image/png' } })
    expect(await toResult(png)).toMatchObject({ body: 'iVD/', isBase64Encoded: true })
  })

  it('sets each cookie by itself', async () => {
    const headers = new Headers([
      ['set-cookie', 'a=1; Path=/'],
      ['set-cookie', 'b=2'],
    ])
    const { headers: told, cookies } = await toResult(new Response(null, { status: 204, headers }))
    expect(cookies).toEqual(['a=1; Path=/', 'b=2'])
    expect(told).not.toHaveProperty('set-cookie')
  })
})

describe('the secret with the database’s address', () => {
  const rds = { username: 'app', password: 'p@ss/word?', host: 'db.example.com', port: 5432, dbname: 'hires' }

  it('is taken as it is when it is a connection string', () => {
    expect(databaseUrlOf('postgresql://a:b@c/d')).toBe('postgresql://a:b@c/d')
  })

  it('is put together from the JSON of RDS, escaped, over TLS with the certificate checked', () => {
    const url = new URL(databaseUrlOf(JSON.stringify({ ...rds, engine: 'postgres' })))
    expect(decodeURIComponent(url.password)).toBe(rds.password)
    expect([url.host, url.pathname, url.search]).toEqual([
      'db.example.com:5432',
      '/hires',
      '?sslmode=verify-full',
    ])
  })

  it('leads to the proxy where there is one', () => {
    expect(new URL(databaseUrlOf(JSON.stringify(rds), 'proxy.example.com')).hostname).toBe(
      'proxy.example.com',
    )
  })

  it.each(['{"username":"app","password":"sesame"}', '{sesame'])(
    'is refused without being told when it is neither',
    (text) => {
      expect(() => databaseUrlOf(text)).toThrow('neither a connection string nor the JSON of RDS')
      expect(() => databaseUrlOf(text)).not.toThrow('sesame')
    },
  )
})

describe('a transaction', () => {
  it('is ended by the server when its process is frozen in it, and lets its locks go', async () => {
    const database = await freshDatabase({ empty: true })
    const pool = openPool(database.url, 1)
    const limit = () => `select current_setting('idle_in_transaction_session_timeout') as limit`
    const { rows: within } = await inTransaction(pool, (client) => client.query<{ limit: string }>(limit()))
    const { rows: outside } = await pool.query<{ limit: string }>(limit())
    expect([within[0]?.limit, outside[0]?.limit]).toEqual(['10s', '0'])
    await pool.end()
    await database.drop()
  })
})
