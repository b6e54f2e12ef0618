/** A receiver of Standard Webhooks: verifies each delivery with the secret it was given and records it. */
import { createHmac, timingSafeEqual } from 'node:crypto'

import { Hono } from 'hono'

import type { Clock } from '../../src/base/clock.ts'
import { parseJson } from '../../src/base/json.ts'
import { type Gate, gated, pathPart, type SandboxContext, type SandboxEnv } from '../gate.ts'
import { type Receiver, type ReceiverSeed, receiverSeed } from './seed.ts'

export interface ReceivedDelivery {
  readonly receiver: string
  /** `webhook-id`: the same on every retry. */
  readonly id: string
  readonly at: string
  readonly verified: boolean
  /** A delivery with this id was verified before. */
  readonly repeated: boolean
  readonly payload: unknown
}

export type ReceiverStore = ReturnType<typeof openReceiverStore>

export function openReceiverStore() {
  const receivers = new Map<string, Receiver>()
  let deliveries: ReceivedDelivery[] = []
  const verifiedIds = new Set<string>()
  const addReceiver = (seed: ReceiverSeed): Receiver => {
    const receiver = receiverSeed.parse(seed)
    receivers.set(receiver.name, receiver)
    return receiver
  }
  addReceiver({ name: 'default' })
  return {
    addReceiver,
    receiver: (name: string) => receivers.get(name),
    deliveries: (): readonly ReceivedDelivery[] => deliveries,
    record(delivery: Omit<ReceivedDelivery, 'repeated'>): void {
      const id = `${delivery.receiver}/${delivery.id}`
      deliveries.push({ ...delivery, repeated: verifiedIds.has(id) })
      if (delivery.verified) verifiedIds.add(id)
    },
    reset() {
      receivers.clear()
      verifiedIds.clear()
      deliveries = []
      addReceiver({ name: 'default' })
    },
  }
}

export function receiverRoutes(gate: Gate, store: ReceiverStore): Hono<SandboxEnv> {
  const app = new Hono<SandboxEnv>()
  const on = gated(gate, {
    system: 'receiver',
    account: (c) => c.req.param('name') ?? '',
    tooMany: ({ resetInSeconds }) =>
      new Response(null, { status: 429, headers: { 'retry-after': String(resetInSeconds) } }),
  })
  app.post(
    '/receiver/:name',
    on('deliver', (c) => deliver(gate.clock, store, c)),
  )
  return app
}

async function deliver(clock: Clock, store: ReceiverStore, c: SandboxContext): Promise<Response> {
  const receiver = store.receiver(pathPart(c, 'name'))
  if (!receiver) return c.json({ error: 'no such receiver' }, 404)
  const body = await c.req.text()
  const id = c.req.header('webhook-id') ?? ''
  const signed = {
    id,
    timestamp: c.req.header('webhook-timestamp') ?? '',
    signature: c.req.header('webhook-signature') ?? '',
  }
  const verified = isGenuine(receiver.secret, { ...signed, body }, clock.now())
  store.record({
    receiver: receiver.name,
    id,
    at: clock.now().toISOString(),
    verified,
    payload: parseJson(body) ?? null,
  })
  return verified ? c.json({ received: true }) : c.json({ error: 'signature does not verify' }, 401)
}

interface Signed {
  readonly id: string
  readonly timestamp: string
  readonly signature: string
  readonly body: string
}

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#verifying-webhook-authenticity */
export function isGenuine(secret: string, signed: Signed, now: Date): boolean {
  const age = Math.abs(now.getTime() / 1000 - Number(signed.timestamp))
  if (signed.id === '' || !/^\d+$/.test(signed.timestamp) || age > 5 * 60) return false
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const expected = createHmac('sha256', key)
    .update(`${signed.id}.${signed.timestamp}.${signed.body}`)
    .digest()
  return signed.signature.split(' ').some((entry) => {
    const [version, encoded = ''] = entry.split(',')
    const given = Buffer.from(encoded, 'base64')
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected)
  })
}
