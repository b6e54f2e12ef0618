/** `POST /webhooks/pinpoint[/:tenant]`: raw bytes in, stored event out, in milliseconds. */
import type { Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'

import { RetryLater } from '../base/failure.ts'
import type { Delivery, Receipt, Receive } from '../intake/receive.ts'
import { type Log, safeError } from '../observe/log.ts'
import type { Metrics } from '../observe/metrics.ts'
import type { Outage } from '../observe/outage.ts'
import { within } from './within.ts'

/** Pinpoint's bodies are a few hundred bytes. */
export const bodyLimitBytes = 1024 * 1024

/** Pinpoint waits five seconds, and then does not know whether we have its delivery. */
const answerMilliseconds = 4_000

export interface WebhookDeps {
  readonly receive: Receive
  /** Tells of deliveries that the database could not take. */
  readonly outage: Outage
  readonly log: Log
  readonly metrics: Metrics
}

export function addWebhookRoutes(app: Hono, deps: WebhookDeps): void {
  const limit = bodyLimit({
    maxSize: bodyLimitBytes,
    onError: (c) =>
      answer(c, deps, { status: 413, error: 'body_too_large', message: 'The body is larger than 1 MiB.' }),
  })
  app.post('/webhooks/pinpoint', limit, (c) => receiveDelivery(c, deps, undefined))
  app.post('/webhooks/pinpoint/:tenant', limit, (c) => receiveDelivery(c, deps, c.req.param('tenant')))
}

async function receiveDelivery(c: Context, deps: WebhookDeps, tenant: string | undefined): Promise<Response> {
  const body = Buffer.from(await c.req.arrayBuffer())
  const delivery = {
    tenant,
    body,
    integration: c.req.query('integration'),
    signature: c.req.header('pinpoint-hmac-sha256'),
  }
  let receipt: Receipt
  try {
    receipt = await receiveInTime(deps, delivery)
  } catch (error) {
    // Nothing is claimed, so Pinpoint sends it again. Should the commit have landed all the same, that is a duplicate.
    if (error instanceof RetryLater) deps.outage.failed(error)
    else deps.log.error({ tenant, ...safeError(error) }, 'delivery not stored')
    c.header('Retry-After', '5')
    return answer(c, deps, {
      status: 503,
      error: 'not_stored',
      message: 'The delivery could not be stored. Send it again.',
    })
  }
  return answerReceipt(c, deps, receipt)
}

async function receiveInTime({ receive, outage }: WebhookDeps, delivery: Delivery): Promise<Receipt> {
  const receipt = await within(receive(delivery), answerMilliseconds)
  if (receipt.outcome === 'stored') outage.worked()
  return receipt
}

function answerReceipt(c: Context, deps: WebhookDeps, receipt: Receipt): Response {
  switch (receipt.outcome) {
    case 'stored': {
      const { tenant, name, event, duplicate, runs } = receipt
      deps.metrics.deliveries.inc({ outcome: duplicate ? 'duplicate' : 'stored' })
      deps.log.info({ tenant, event, name, duplicate, runs }, 'delivery stored')
      return c.json({ event, duplicate, runs })
    }
    case 'unknown_tenant':
      return answer(c, deps, {
        status: 404,
        error: 'unknown_tenant',
        message: 'There is no tenant of this name.',
      })
    case 'unknown_integration':
      return answer(c, deps, {
        status: 404,
        error: 'unknown_integration',
        message: 'There is no integration of this name.',
      })
    case 'signature_wrong':
      return answer(c, deps, {
        status: 401,
        error: 'signature_wrong',
        message:
          'The header PINPOINT-HMAC-SHA256 is missing, or does not match the body and a signing secret.',
      })
  }
}

interface Refusal {
  readonly status: 401 | 404 | 413 | 503
  readonly error: string
  readonly message: string
}

function answer(c: Context, { metrics, log }: WebhookDeps, { status, error, message }: Refusal): Response {
  metrics.deliveries.inc({ outcome: error })
  // The rest of such a body is not read, so its connection cannot serve another request.
  if (status === 413) c.header('Connection', 'close')
  if (status !== 503) log.warn({ outcome: error }, 'delivery refused')
  return c.json({ error, message }, status)
}
