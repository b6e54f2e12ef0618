/** A refusal is judged by what it says: by the API itself, or by something in front of it. */
import type { ServerResponse } from 'node:http'

import { describe, expect, it } from 'vitest'

import { systemClock } from '../../src/base/clock.ts'
import { PermissionMissing, UnrecognisedAnswer } from '../../src/base/failure.ts'
import { client, failureOf, json, serve } from './little-server.ts'

const read = { method: 'GET', path: '/x', bucket: 'search' } as const
const make = { method: 'POST', path: '/x', json: { a: 1 }, bucket: 'create', effect: true } as const

const answers = (status: number, type: string | undefined, body: string) => (response: ServerResponse) =>
  response.writeHead(status, type === undefined ? {} : { 'content-type': type }).end(body)

describe('An answer that is no shape of the API (W6)', () => {
  it.each([
    ['a page', 'text/html', '<html>Request blocked</html>', '403, text/html'],
    ['text', 'text/plain', 'Forbidden', '403, text/plain'],
    ['nothing', undefined, '', '403, no content type'],
    ['JSON of something else', 'application/json', '{"incident":"8271"}', '403, application/json'],
    ['a list', 'application/json', '[]', '403, application/json'],
    ['half a JSON', 'application/json', '{"error":', '403, application/json'],
    ['an odd type', 'Ada Example', 'x', '403, no content type'],
  ] as const)('%s is no missing permission: the run waits', async (...[, type, body, said]) => {
    const server = await serve(answers(403, type, body))
    for (const request of [read, make]) {
      const failure = await failureOf(client(server.url).send(request))
      expect(failure).toBeInstanceOf(UnrecognisedAnswer)
      expect(failure).toMatchObject({ code: 'bob.answer_unrecognised', outcome: 'not_made', free: false })
      expect(failure.message).toContain(said)
      expect(failure.message).not.toMatch(/blocked|Ada/)
    }
  })

  it.each([400, 401, 404, 405, 407, 410, 413, 451])('%i with a page neither', async (status) => {
    const server = await serve(answers(status, 'text/html', '<html>'))
    expect(await failureOf(client(server.url).send(read))).toMatchObject({ code: 'bob.answer_unrecognised' })
  })

  it('is no answer either where that status would be one', async () => {
    const server = await serve(answers(404, 'text/html', '<html>'))
    expect(await failureOf(client(server.url).send({ ...read, answers: [404] }))).toMatchObject({
      code: 'bob.answer_unrecognised',
    })
  })

  it('a file that is too large for what stands in front is too large', async () => {
    const server = await serve(answers(413, 'text/html', '<html>'))
    expect(await client(server.url).send({ ...make, answers: [413] })).toMatchObject({ status: 413 })
  })
})

describe('What the API says', () => {
  const said = (status: number, body: object) => serve((response) => json(response, status, body))

  it('of a right, with 401 or 403, names the right and pauses, unless the work goes through without', async () => {
    for (const [status, body] of [
      [403, { error: 'forbidden' }],
      [401, { code: 'missing_scope' }],
    ] as const) {
      const server = await said(status, body)
      const failure = await failureOf(client(server.url).send({ ...read, right: 'Docs: view' }))
      expect(failure).toBeInstanceOf(PermissionMissing)
      expect(failure).toMatchObject({ code: 'bob.permission_missing', pausesConnection: true })
      expect(failure.message).toContain('Docs: view')
      expect(await failureOf(client(server.url).send({ ...read, optional: true }))).toMatchObject({
        code: 'bob.permission_missing',
        pausesConnection: false,
      })
    }
  })

  it('of the credentials pauses, also where the call was optional', async () => {
    const server = await said(401, { key: 'tokenNotMatch', error: 'no' })
    expect(await failureOf(client(server.url).send({ ...read, optional: true }))).toMatchObject({
      code: 'bob.credentials_refused',
      pausesConnection: true,
    })
  })

  it('is shown without whatever was sent: a code may quote a person (F8b)', async () => {
    const server = await said(422, { key: 'Lovelace' })
    const failure = await failureOf(
      client(server.url).send({ ...make, json: { firstName: 'Ada', work: { surname: 'Lovelace' } } }),
    )
    expect(failure.message).toBe('bob refused the call (422).')
    expect(JSON.stringify(failure.details)).not.toContain('Lovelace')
  })
})

describe('The id under which a vendor has logged a call (F17)', () => {
  it.each([
    [{ 'X-Request-Id': 'b0f1c2d3-0001' }, 'b0f1c2d3-0001'],
    [{ 'CF-RAY': '8c1f0a2b3c4d5e6f-LHR' }, '8c1f0a2b3c4d5e6f-LHR'],
    [{ 'x-b3-traceid': '80f198ee56343ba8', 'cf-ray': 'later-one' }, '80f198ee56343ba8'],
    [{ 'X-Request-Id': 'Ada Example <ada@example.com>' }, undefined],
    [{ 'X-Request-Id': 'x'.repeat(101) }, undefined],
    [{}, undefined],
  ])('%j gives %s', async (headers, id) => {
    const server = await serve((response) =>
      response.writeHead(500, { 'content-type': 'application/json', ...headers }).end('{}'),
    )
    expect((await failureOf(client(server.url).send(read))).details['requestId']).toBe(id)
  })

  it('comes with an answer, too', async () => {
    const server = await serve((response) => response.writeHead(200, { 'x-request-id': 'req-1' }).end('{}'))
    expect(await client(server.url).send(read)).toMatchObject({ requestId: 'req-1' })
  })
})

describe('A failure beside a limit', () => {
  const now = new Date('2026-11-24T08:00:00Z')
  const clock = { ...systemClock, now: () => now }
  const window = (remaining: string) => ({
    date: now.toUTCString(),
    'x-ratelimit-limit': '50',
    'x-ratelimit-remaining': remaining,
    'x-ratelimit-reset': String(now.getTime() / 1000 + 55),
  })

  it.each([
    ['with calls left is tried again by the backoff', window('49'), undefined],
    ['with none left waits for the reset', window('0'), 55],
    ['with Retry-After waits so long', { ...window('49'), 'retry-after': '7' }, 7],
    ['with Retry-After of a day waits an hour', { ...window('49'), 'retry-after': '86400' }, 3600],
    ['with a reset and nothing else goes by the backoff', { 'x-ratelimit-reset': '55' }, undefined],
  ] as const)('500 %s', async (_, headers, seconds) => {
    const server = await serve((response) => response.writeHead(500, headers).end())
    const failure = await failureOf(client(server.url, { clock }).send(read))
    const after = seconds === undefined ? undefined : new Date(now.getTime() + seconds * 1000)
    expect(failure).toMatchObject({ code: 'bob.unavailable', after })
  })
})
