/** The signed webhook, judged by the reference implementation of Standard Webhooks. */
import { randomBytes } from 'node:crypto'

import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

import { hibob } from '../../src/integrations/hibob/index.ts'
import { webhook } from '../../src/integrations/webhook/index.ts'
import { messageBody } from '../../src/integrations/webhook/message.ts'
import { isSigningSecret, signedHeaders } from '../../src/integrations/webhook/signature.ts'
import { client, failureOf, json, memoryLimits, openOutbound, serve } from '../outbound/little-server.ts'
import { openSandbox } from '../sandbox/open.ts'
import { hireOf } from './a-hire.ts'
import { contextOf, type Given } from './context.ts'

const secret = `whsec_${randomBytes(32).toString('base64')}`

async function send(url: string, settings: object = {}, given: Partial<Given> = {}) {
  const openHttp = openOutbound().openHttp(memoryLimits(), { readOnly: false })
  const context = contextOf(webhook, {
    settings: { url, ...settings },
    secrets: { signingSecret: secret },
    openHttp,
    data: hireOf(),
    ...given,
  })
  return webhook.on.application_hired?.(context)
}

describe('The signature', () => {
  it('is that of the specification’s example', () => {
    const sentAt = new Date(1614265330 * 1000)
    const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', sentAt, body: '{"test": 2432232314}' }
    expect(signedHeaders('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', message)).toEqual({
      'webhook-id': message.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    })
  })

  it.each([
    ['24 bytes', `whsec_${Buffer.alloc(24, 1).toString('base64')}`, true],
    ['64 bytes', `whsec_${Buffer.alloc(64, 1).toString('base64')}`, true],
    ['23 bytes', `whsec_${Buffer.alloc(23, 1).toString('base64')}`, false],
    ['65 bytes', `whsec_${Buffer.alloc(65, 1).toString('base64')}`, false],
    ['no prefix', Buffer.alloc(32, 1).toString('base64'), false],
    ['a prefix only', 'whsec_', false],
    ['no base64', `whsec_${'ä'.repeat(40)}`, false],
  ])('takes a secret of %s: %s is %s', (...[_, text, valid]) => {
    expect(isSigningSecret(text)).toBe(valid)
    expect(webhook.secrets.safeParse({ signingSecret: text }).success).toBe(valid)
  })

  it('has a secret that forms and docs know to be one', () => {
    expect(z.toJSONSchema(webhook.secrets).properties?.['signingSecret']).toMatchObject({ secret: true })
  })
})

describe('A webhook', () => {
  it('is verified by the receiver, under the same id at every try', async () => {
    const server = await serve((response) =>
      response.writeHead(200, { 'content-type': 'text/plain' }).end('ok'),
    )
    expect(await send(`${server.url}/hook/?key=1`)).toEqual({ did: 'sent' })
    await send(`${server.url}/hook/?key=1`)

    const [first, second] = server.requests
    expect(first?.line).toBe('POST /hook/?key=1')
    const verified = new Webhook(secret).verify(
      first!.body.toString(),
      first!.headers as Record<string, string>,
    )
    expect(verified).toEqual({
      type: 'application.hired',
      timestamp: '2026-11-24T08:00:00.000Z',
      data: { tenant: 'acme', applicationId: '9000001', jobId: '7' },
    })
    expect([first?.headers['webhook-id'], second?.headers['webhook-id']]).toEqual(['msg_run_1', 'msg_run_1'])
  })

  it('arrives at the sandbox’s receiver as one delivery and its repetition', async () => {
    const sandbox = await openSandbox()
    sandbox.receivers.addReceiver({ name: 'default', secret })
    await send(sandbox.receiverUrl)
    await send(sandbox.receiverUrl)
    expect(sandbox.receivers.deliveries()).toMatchObject([
      { id: 'msg_run_1', verified: true, repeated: false },
      { id: 'msg_run_1', verified: true, repeated: true },
    ])
  })

  it('has no user and password in its address, wherever that stands (L5)', () => {
    const signingSecret = secret
    for (const url of [
      'https://user:pass@hooks.example.com/x',
      'https://user@hooks.example.com/x',
      'ftp://x.example.com',
    ])
      for (const given of [
        webhook.settings.safeParse({ url }),
        webhook.secrets.safeParse({ url, signingSecret }),
        hibob.settings.safeParse({ site: 'London', documents: 'shared', apiUrl: url }),
      ])
        expect(given.success).toBe(false)
    expect(webhook.settings.safeParse({ url: 'https://hooks.example.com/x?token=a@b' }).success).toBe(true)
    expect(webhook.secrets.safeParse({ url: 'https://hooks.example.com/x', signingSecret }).success).toBe(
      true,
    )
  })

  it('tells of the person only when the settings say `full`, and never the link of a CV', () => {
    const attachments = [{ context: 'cv', filename: 'cv.pdf', url: 'https://files.example.com/secret' }]
    const event = { ...contextOf(webhook, { data: hireOf({ attachments }) }).event }
    expect(messageBody(event, 'thin')).not.toMatch(/Ada|Example|example\.com/)
    expect(JSON.parse(messageBody(event, 'full'))).toMatchObject({
      data: { candidate: { firstName: 'Ada', email: 'ada@example.com' }, job: { title: 'Engineer' } },
    })
    expect(messageBody(event, 'full')).not.toContain('secret')
  })

  it.each([
    [410, { name: 'NeedsPerson', code: 'webhook.endpoint_gone', pausesConnection: true }],
    [401, { name: 'NeedsPerson', code: 'webhook.credentials_refused' }],
    [404, { name: 'RetryLater', code: 'webhook.refused', details: { status: 404 } }],
    [400, { name: 'RetryLater', code: 'webhook.refused' }],
    [429, { name: 'RetryLater', code: 'webhook.rate_limited', free: true }],
    [500, { name: 'RetryLater', code: 'webhook.unavailable', outcome: 'not_made' }],
    [301, { name: 'RetryLater', code: 'webhook.refused', outcome: 'not_made' }],
    [302, { name: 'RetryLater', code: 'webhook.refused', details: { status: 302 } }],
    [308, { name: 'RetryLater', code: 'webhook.refused' }],
  ])('that is answered %i', async (status, expected) => {
    const server = await serve((response) => json(response, status, {}))
    expect(await failureOf(send(server.url))).toMatchObject(expected)
  })

  it('does not follow a redirect: name, secret and signature stay where they were meant to go', async () => {
    const elsewhere = await serve((response) => json(response, 200, {}))
    const server = await serve((response) =>
      response.writeHead(307, { location: `${elsewhere.url}/hook` }).end(),
    )
    const failure = await failureOf(send(server.url))
    expect(failure.message).toBe(
      'The receiver answered 307. Redirects are not followed: set the final address as `url`.',
    )
    expect(elsewhere.requests).toEqual([])
  })

  it('carries the time of the try by the service’s clock, at each try anew', async () => {
    const server = await serve((response) => json(response, 200, {}))
    for (const at of ['2027-01-01T00:00:00.900Z', '2027-01-01T00:05:00Z']) {
      await send(server.url, {}, { now: () => new Date(at) })
    }
    expect(server.requests.map(({ headers }) => headers['webhook-timestamp'])).toEqual([
      '1798761600',
      '1798761900',
    ])
  })

  it('warns that the job could not be read only where it would have been told', async () => {
    const server = await serve((response) => json(response, 200, {}))
    const told: string[][] = []
    for (const payload of ['thin', 'full']) {
      const warnings: string[] = []
      await send(server.url, { payload }, { data: { ...hireOf(), jobRefused: 403 }, warnings })
      told.push(warnings)
    }
    expect(told).toEqual([[], ['webhook.job_unread']])
  })

  it('is not sent by a check', async () => {
    const server = await serve((response) => json(response, 200, {}))
    const openHttp = openOutbound().openHttp(memoryLimits(), { readOnly: true })
    const report = await webhook.check({ settings: { url: server.url }, secrets: {}, openHttp })
    expect([report.every(({ ok }) => ok), server.requests]).toEqual([true, []])
    expect(() => client('nonsense')).toThrow()
  })
})
