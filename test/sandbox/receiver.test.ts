/** The receiver accepts what the Standard Webhooks library signs, and nothing else. */
import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'

import type { Sandbox } from '../../sandbox/index.ts'
import { openSandbox } from './open.ts'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const body = JSON.stringify({ type: 'application.hired', timestamp: '2026-11-24T10:00:00Z', data: {} })

function deliver(sandbox: Sandbox, changes: Record<string, string> = {}, sent = body): Promise<Response> {
  const now = new Date()
  const headers = {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign('msg_1', now, body),
    ...changes,
  }
  return fetch(sandbox.receiverUrlOf('crm'), { method: 'POST', headers, body: sent })
}

const openReceiver = () => openSandbox({ seed: { receivers: [{ name: 'crm', secret }] } })

test('a delivery signed by the library is verified, and a repeated one is counted once', async () => {
  const sandbox = await openReceiver()
  expect((await deliver(sandbox)).status).toBe(200)
  expect((await deliver(sandbox)).status).toBe(200)
  expect(sandbox.ledger().counts.deliveries).toBe(1)
  expect(sandbox.ledger().deliveries).toMatchObject([
    { id: 'msg_1', verified: true, repeated: false, payload: { type: 'application.hired' } },
    { id: 'msg_1', verified: true, repeated: true },
  ])
})

test('any of several signatures will do while a secret is rotated', async () => {
  const sandbox = await openReceiver()
  const genuine = new Webhook(secret).sign('msg_1', new Date(), body)
  expect((await deliver(sandbox, { 'webhook-signature': `v1,AAAA v1a,BBBB ${genuine}` })).status).toBe(200)
})

test.each([
  ['another body', {}, '{}'],
  ['another id', { 'webhook-id': 'msg_2' }, body],
  ['an old timestamp', { 'webhook-timestamp': '1614265330' }, body],
  ['no signature', { 'webhook-signature': '' }, body],
] as const)('a delivery with %s is refused and recorded as not verified', async (_, changes, sent) => {
  const sandbox = await openReceiver()
  expect((await deliver(sandbox, changes, sent)).status).toBe(401)
  expect(sandbox.ledger().deliveries).toMatchObject([{ verified: false }])
  expect(sandbox.ledger().counts.deliveries).toBe(0)
})
