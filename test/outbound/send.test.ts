/** What each answer, and each missing answer, means for the run. */
import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'

import { describe, expect, it } from 'vitest'

import { systemClock } from '../../src/base/clock.ts'
import { makingUntil } from '../../src/base/effect-deadline.ts'
import type { CallMetrics } from '../../src/outbound/send.ts'
import { client, failureOf, json, memoryLimits, openOutbound, serve } from './little-server.ts'

const read = { method: 'GET', path: '/x', bucket: 'search' } as const
const make = { method: 'POST', path: '/x', json: { a: 1 }, bucket: 'create', effect: true } as const

const html = (response: ServerResponse) =>
  response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Log in</title>')
const half = (response: ServerResponse) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":')
const cut = (response: ServerResponse) => response.destroy()
const cutInside = (response: ServerResponse) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
  response.write('{"id":', () => response.destroy())
}
const hang = () => undefined
const status = (code: number) => (response: ServerResponse) => json(response, code, { key: 'some.key' })

describe('Answers', () => {
  it.each([
    [
      '401',
      read,
      status(401),
      { name: 'NeedsPerson', code: 'bob.credentials_refused', pausesConnection: true },
    ],
    [
      '403',
      make,
      status(403),
      { name: 'NeedsPerson', code: 'bob.permission_missing', pausesConnection: true },
    ],
    ['404', read, status(404), { name: 'NeedsPerson', code: 'bob.not_found', pausesConnection: false }],
    ['400', make, status(400), { name: 'NeedsPerson', code: 'bob.request_refused' }],
    ['422', make, status(422), { name: 'NeedsPerson', code: 'bob.request_refused' }],
    [
      '500 to a read',
      read,
      status(500),
      { name: 'RetryLater', code: 'bob.unavailable', outcome: 'not_made' },
    ],
    [
      '500 to an effect',
      make,
      status(500),
      { name: 'RetryLater', code: 'bob.unavailable', outcome: 'unclear' },
    ],
    [
      '503 to an effect',
      make,
      status(503),
      { name: 'RetryLater', code: 'bob.unavailable', outcome: 'unclear' },
    ],
    [
      '408 to an effect',
      make,
      status(408),
      { name: 'RetryLater', code: 'bob.unavailable', outcome: 'unclear' },
    ],
    [
      'HTML to a read',
      read,
      html,
      { name: 'RetryLater', code: 'bob.answer_unrecognised', outcome: 'not_made' },
    ],
    [
      'HTML to an effect',
      make,
      html,
      { name: 'RetryLater', code: 'bob.answer_unreadable', outcome: 'unclear' },
    ],
    [
      'half a JSON to a read',
      read,
      half,
      { name: 'RetryLater', code: 'bob.answer_unreadable', outcome: 'not_made' },
    ],
    [
      'half a JSON to an effect',
      make,
      half,
      { name: 'RetryLater', code: 'bob.answer_unreadable', outcome: 'unclear' },
    ],
    ['a cut to a read', read, cut, { name: 'RetryLater', code: 'bob.no_answer', outcome: 'not_made' }],
    ['a cut to an effect', make, cut, { name: 'RetryLater', code: 'bob.no_answer', outcome: 'unclear' }],
    [
      'a cut inside the answer',
      make,
      cutInside,
      { name: 'RetryLater', code: 'bob.no_answer', outcome: 'unclear' },
    ],
  ] as const)('%s (case 55)', async (...[_, request, answer, expected]) => {
    const server = await serve((response) => void answer(response))
    expect(await failureOf(client(server.url).send(request))).toMatchObject(expected)
    expect(server.requests).toHaveLength(1)
  })

  it('a call that hangs ends after its time, and its outcome is unclear', async () => {
    const server = await serve(hang)
    const failure = await failureOf(client(server.url, { timeoutSeconds: 0.2 }).send(make))
    expect(failure).toMatchObject({
      code: 'bob.no_answer',
      outcome: 'unclear',
      details: { error: 'TimeoutError' },
    })
  })

  it.each([
    ['nobody listens', 'http://127.0.0.1:9'],
    ['the name does not exist', 'http://nowhere.invalid'],
  ])('not sent at all, because %s: nothing was made', async (_, url) => {
    expect(await failureOf(client(url).send(make))).toMatchObject({
      code: 'bob.unreachable',
      outcome: 'not_made',
    })
  })

  it('2xx with JSON, with nothing, and statuses that are answers', async () => {
    const server = await serve((response, request) => {
      if (request.url === '/json') json(response, 201, { id: '1' })
      else if (request.url === '/nothing') response.writeHead(204).end()
      else json(response, 404, { key: 'none' })
    })
    const http = client(server.url)
    expect(await http.send({ ...read, path: '/json' })).toMatchObject({ status: 201, json: { id: '1' } })
    expect(await http.send({ ...make, path: '/nothing' })).toMatchObject({ status: 204, json: undefined })
    expect(await http.send({ ...read, answers: [404] })).toMatchObject({ status: 404, json: { key: 'none' } })
  })

  it('a body that is not ours to judge may be anything', async () => {
    const server = await serve(html)
    expect(await client(server.url).send({ ...make, body: 'any' })).toMatchObject({
      status: 200,
      json: undefined,
    })
  })

  it('an answer without end is not read to its end', async () => {
    const server = await serve((response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const more = () => {
        while (response.writable && response.write('x'.repeat(1024 * 1024)));
      }
      response.on('drain', more).on('error', () => undefined)
      more()
    })
    expect(await failureOf(client(server.url).send(read))).toMatchObject({ code: 'bob.answer_too_large' })
  })
})

describe('Requests', () => {
  it('a GET has no content type, JSON and signed text have theirs', async () => {
    const server = await serve((response) => json(response, 200, {}))
    const http = client(server.url)
    await http.send({ ...read, query: { 'filter[a]': 'b,c' } })
    await http.send(make)
    await http.send({ ...make, headers: { 'Content-Type': 'application/vnd.api+json' } })
    await http.send({
      method: 'POST',
      path: '',
      text: '{ "a": 1 }',
      headers: { 'content-type': 'text/x' },
      bucket: 'b',
    })

    expect(
      server.requests.map(({ line, headers, body }) => [line, headers['content-type'], body.toString()]),
    ).toEqual([
      ['GET /x?filter%5Ba%5D=b%2Cc', undefined, ''],
      ['POST /x', 'application/json', '{"a":1}'],
      ['POST /x', 'application/vnd.api+json', '{"a":1}'],
      ['POST /', 'text/x', '{ "a": 1 }'],
    ])
  })

  it('a file arrives whole, under a name that cannot break out of its header (case 48)', async () => {
    const server = await serve((response) => json(response, 200, {}))
    const bytes = randomBytes(5000)
    await client(server.url).send({
      method: 'POST',
      path: '/x',
      file: { field: 'file', name: 'CV - Zoë "Zo"\r\nX.pdf', type: 'application/pdf', bytes },
      bucket: 'docs',
    })
    const { headers, body } = server.requests[0]!
    const boundary = headers['content-type']!.replace('multipart/form-data; boundary=', '')
    const head = [
      `--${boundary}`,
      'Content-Disposition: form-data; name="file"; filename="CV - Zoë %22Zo%22%0D%0AX.pdf"',
      'Content-Type: application/pdf',
    ].join('\r\n')
    expect(headers['content-length']).toBe(String(body.length))
    expect(body).toEqual(
      Buffer.concat([Buffer.from(`${head}\r\n\r\n`), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]),
    )
  })
})

describe('Rate limits', () => {
  const now = new Date('2026-11-24T08:00:00Z')
  const clock = { ...systemClock, now: () => now }
  const at = (text: string) => new Date(`2026-11-24T${text}Z`)

  it.each([
    [
      'X-RateLimit-Reset in epoch seconds',
      { 'x-ratelimit-reset': String(at('08:00:42').getTime() / 1000) },
      at('08:00:42'),
    ],
    ['Retry-After in seconds', { 'retry-after': '30' }, at('08:00:30')],
    ['Retry-After as a date', { 'retry-after': 'Tue, 24 Nov 2026 08:01:30 GMT' }, at('08:01:30')],
    ['nothing', {}, at('08:00:30')],
    ['nonsense', { 'retry-after': 'soon' }, at('08:00:30')],
    ['a moment that has passed', { 'x-ratelimit-reset': '1700000000' }, at('08:00:01')],
    ['a reset in seconds from now', { 'x-ratelimit-reset': '42' }, at('08:00:42')],
    ['a year', { 'retry-after': '31536000' }, at('09:00:00')],
    [
      'milliseconds instead of seconds',
      { 'x-ratelimit-reset': String(now.getTime() + 5000) },
      at('09:00:00'),
    ],
  ] as const)(
    '429 with %s pauses that limit, and waiting costs nothing (cases 53, 54)',
    async (_, headers, after) => {
      const date = now.toUTCString()
      const server = await serve((response) =>
        response.writeHead(429, { date, ...headers }).end('Too many attempts'),
      )
      const limits = memoryLimits(clock)

      const failure = await failureOf(client(server.url, { limits, clock }).send(make))

      expect(failure).toMatchObject({ code: 'bob.rate_limited', free: true, outcome: 'not_made', after })
      expect([...limits.paused]).toEqual([['bob.create', after]])
    },
  )

  it.each([
    [
      'an instant',
      {
        'x-ratelimit-limit': '50',
        'x-ratelimit-remaining': '49',
        'x-ratelimit-reset': at('08:00:42').getTime() / 1000,
      },
    ],
    ['seconds', { 'x-ratelimit-limit': '50', 'x-ratelimit-remaining': '49', 'x-ratelimit-reset': '42' }],
    ['no X', { 'ratelimit-limit': '50, 50;w=60', 'ratelimit-remaining': '49', 'ratelimit-reset': '42' }],
    [
      'one dash more',
      { 'x-rate-limit-limit': '50', 'x-rate-limit-remaining': '49', 'x-rate-limit-reset': '42' },
    ],
  ] as const)('what is left of a limit is told, with %s', async (_, headers) => {
    // Their clock is ten minutes ahead of ours, which is no matter: the reset is compared with their own.
    const ahead = 'x-ratelimit-reset' in headers && typeof headers['x-ratelimit-reset'] === 'number'
    const date = new Date(now.getTime() + (ahead ? 600_000 : 0)).toUTCString()
    const reset = ahead ? { 'x-ratelimit-reset': String(at('08:10:42').getTime() / 1000) } : {}
    const server = await serve((response) =>
      response.writeHead(200, { date, ...headers, ...reset }).end('{}'),
    )
    const limits = memoryLimits(clock)
    await client(server.url, { limits, clock }).send(read)
    expect(limits.ends).toEqual([
      { status: 200, window: { allowed: 50, remaining: 49, resetsInSeconds: 42 } },
    ])
  })

  it.each([
    ['nothing', {}],
    ['half of it', { 'x-ratelimit-limit': '50', 'x-ratelimit-remaining': '49' }],
    ['nonsense', { 'x-ratelimit-limit': 'many', 'x-ratelimit-remaining': '-1', 'x-ratelimit-reset': 'soon' }],
    ['a limit of none', { 'x-ratelimit-limit': '0', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '9' }],
  ] as const)('headers with %s tell nothing', async (_, headers) => {
    const server = await serve((response) => response.writeHead(200, headers).end('{}'))
    const limits = memoryLimits(clock)
    await client(server.url, { limits, clock }).send(read)
    expect(limits.ends).toEqual([{ status: 200 }])
  })

  it('a limit that rests is not called, another one is', async () => {
    const server = await serve((response) => json(response, 200, {}))
    const limits = memoryLimits(clock)
    limits.paused.set('bob.create', at('08:00:10')).set('bob.search', at('07:59:59'))
    const http = client(server.url, { limits, clock })

    expect(await failureOf(http.send(make))).toMatchObject({
      code: 'bob.rate_limited',
      free: true,
      after: at('08:00:10'),
    })
    await http.send(read)
    expect(server.requests.map(({ line }) => line)).toEqual(['GET /x'])
  })

  it('503 with Retry-After is not tried before (case 54)', async () => {
    const server = await serve((response) => void response.writeHead(503, { 'retry-after': '120' }).end())
    expect(await failureOf(client(server.url, { clock }).send(read))).toMatchObject({
      code: 'bob.unavailable',
      free: false,
      after: at('08:02:00'),
    })
  })
})

describe('What is shown of a call', () => {
  it('a failure names the vendor’s key, and neither people nor addresses', async () => {
    const error = 'Email ada@example.com already exists'
    const body = { key: 'validations.email.alreadyexists', error, args: ['ada@example.com'] }
    const server = await serve((response) => json(response, 422, body))

    const failure = await failureOf(client(server.url).send({ ...make, query: { email: 'ada@example.com' } }))

    const objections = [{ code: body.key }]
    expect(failure.details).toEqual({
      destination: 'bob',
      bucket: 'create',
      status: 422,
      key: body.key,
      objections,
    })
    expect(JSON.stringify([failure, failure.message, failure.details])).not.toMatch(
      /ada@|127\.0\.0\.1|key-of-bob/,
    )
  })

  it.each([
    [{ errors: [{ code: 'unprocessable_entity', detail: 'Ada is wrong' }] }, 'unprocessable_entity'],
    [{ key: 'ada@example.com' }, undefined],
    [{ key: 'Ada is wrong' }, undefined],
    [['x'], undefined],
    ['x', undefined],
  ])('the key of %j is %s', async (body, key) => {
    const server = await serve((response) => json(response, 400, body))
    expect((await failureOf(client(server.url).send(make))).details['key']).toBe(key)
  })

  it('metrics have every call, 0 for one without answer', async () => {
    const metrics: CallMetrics[] = []
    const server = await serve((response, request) =>
      request.url === '/x' ? json(response, 200, {}) : response.destroy(),
    )
    const http = client(server.url, { metrics })
    await http.send(read)
    await failureOf(http.send({ ...read, path: '/cut', operation: 'people.search' }))
    expect(
      metrics.map(({ destination, bucket, operation, status }) => [destination, bucket, operation, status]),
    ).toEqual([
      ['bob', 'search', 'search', 200],
      ['bob', 'search', 'people.search', 0],
    ])
  })
})

describe('An effect', () => {
  const unlimited = memoryLimits()

  it('is not sent outside `ensure`', async () => {
    const server = await serve((response) => json(response, 200, { id: '1' }))
    const http = openOutbound().openHttp(unlimited, { readOnly: false })({
      baseUrl: server.url,
      headers: {},
      destination: 'bob',
    })
    await expect(http.send(make)).rejects.toThrow('only be made through `ensure`')
    expect(server.requests).toEqual([])
  })

  it('is not sent, and clearly not made, when its time was over before it was sent', async () => {
    const server = await serve((response) => json(response, 200, { id: '1' }))
    const http = openOutbound().openHttp(unlimited, { readOnly: false })({
      baseUrl: server.url,
      headers: {},
      destination: 'bob',
    })
    const failure = await failureOf(makingUntil(systemClock.now(), () => http.send(make)))
    expect(failure).toMatchObject({ code: 'bob.too_late', outcome: 'not_made', free: true })
    expect(server.requests).toEqual([])
  })

  it('is given up, unclear, when its time is over before the answer', async () => {
    const server = await serve(hang)
    const http = openOutbound().openHttp(unlimited, { readOnly: false })({
      baseUrl: server.url,
      headers: {},
      destination: 'bob',
    })
    const soon = new Date(systemClock.now().getTime() + 200)
    const failure = await failureOf(makingUntil(soon, () => http.send(make)))
    expect(failure).toMatchObject({ name: 'RetryLater', outcome: 'unclear' })
    expect(server.requests).toHaveLength(1)
  })
})
