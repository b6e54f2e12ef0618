/** `POST /webhooks/pinpoint[/:tenant]`: raw bytes in, stored event out, in milliseconds. */
import type { HttpBindings } from '@hono/node-server'
import type { Context, Hono } from 'hono'

import { RetryLater } from '../base/failure.ts'
import { byHandHeader } from '../intake/by-hand.ts'
import type { Delivery, Receipt, Receive } from '../intake/receive.ts'
import { type Log, safeError } from '../observe/log.ts'
import { createLogThrottle, type LogThrottle } from '../observe/log-throttle.ts'
import type { Metrics } from '../observe/metrics.ts'
import type { Outage } from '../observe/outage.ts'
import { createContextPeer } from './context-peer.ts'
import { type Body, createBodyReader, type ReadBody } from './read-body.ts'
import { meantIntegration } from './webhook-address.ts'
import { within } from './within.ts'

/** Pinpoint waits five seconds, and then does not know whether we have its delivery. */
const answerMilliseconds = 4_000

export interface WebhookDeps {
  readonly receive: Receive
  /** Reports deliveries that the database could not store. */
  readonly outage: Outage
  readonly log: Log
  readonly metrics: Metrics
  /** The proxies whose `X-Forwarded-For` is trusted. Default: none. */
  readonly trustedProxies?: readonly string[]
}

type RouteDeps = WebhookDeps & {
  /** Anybody can cause refusals: a line for each would fill the disk of the logs. */
  readonly refusals: LogThrottle
  readonly readBody: ReadBody
  readonly peerOf: (c: Context) => string | undefined
}

export function addWebhookRoutes(app: Hono, given: WebhookDeps): void {
  const deps = {
    ...given,
    refusals: createLogThrottle(),
    readBody: createBodyReader(),
    peerOf: createContextPeer(given.trustedProxies),
  }
  app.post('/webhooks/pinpoint', (c) => receiveDelivery(c, deps, undefined))
  app.post('/webhooks/pinpoint/:tenant', (c) => receiveDelivery(c, deps, c.req.param('tenant')))
}

async function receiveDelivery(c: Context, deps: RouteDeps, tenant: string | undefined): Promise<Response> {
  const node = c.env as Partial<HttpBindings> | undefined
  const body = await deps.readBody(c.req, node?.incoming)
  if (typeof body === 'string') return answer(c, deps, bodyRefusals[body])
  const delivery = {
    tenant,
    body,
    integration: meantIntegration(c.req.query('integration')),
    signature: c.req.header('pinpoint-hmac-sha256'),
    coding: c.req.header('content-encoding'),
    byHand: c.req.header(byHandHeader),
  }
  let receipt: Receipt
  try {
    receipt = await receiveInTime(deps, delivery)
  } catch (error) {
    // Nothing is acknowledged, so Pinpoint sends it again. If the commit has succeeded nevertheless, that is a duplicate.
    if (error instanceof RetryLater) deps.outage.failed(error)
    else {
      const times = deps.refusals.happened('failed')
      if (times !== undefined)
        deps.log.error({ tenant, times, from: deps.peerOf(c), ...safeError(error) }, 'delivery not stored')
    }
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

function answerReceipt(c: Context, deps: RouteDeps, receipt: Receipt): Response {
  switch (receipt.outcome) {
    case 'stored':
      return answerStored(c, deps, receipt)
    case 'expired': {
      const { tenant, name } = receipt
      deps.metrics.deliveries.inc({ outcome: 'expired' })
      const from = deps.peerOf(c)
      deps.log.warn({ tenant, name, from }, 'delivery not stored: its event is older than the retention')
      return c.json({ event: null, duplicate: false, runs: 0 })
    }
    case 'unknown_tenant':
      return answer(c, deps, { ...notSigned, outcome: 'unknown_tenant' })
    case 'unknown_integration':
      return answer(c, deps, {
        status: 404,
        error: 'unknown_integration',
        message: 'There is no integration of this name.',
      })
    case 'signature_wrong':
      return answer(c, deps, notSigned)
    case 'coding_unknown':
      return answer(c, deps, {
        status: 415,
        error: 'coding_unknown',
        message: 'The body is not JSON, and its Content-Encoding is not gzip, deflate or br.',
      })
    case 'body_too_large':
      return answer(c, deps, bodyRefusals.too_large)
  }
}

function answerStored(
  c: Context,
  { metrics, log, peerOf }: RouteDeps,
  receipt: Receipt & { readonly outcome: 'stored' },
): Response {
  const { tenant, name, event = null, duplicate, runs } = receipt
  if (receipt.stale && !duplicate) {
    metrics.deliveries.inc({ outcome: 'stale' })
    const fields = { tenant, event, name, parked: runs, from: peerOf(c) }
    log.warn(fields, 'delivery stored with its runs parked: its event is old')
    return c.json({ event, duplicate, runs: 0, parked: runs })
  }
  metrics.deliveries.inc({ outcome: duplicate ? 'duplicate' : 'stored' })
  log.info({ tenant, event, name, duplicate, runs }, 'delivery stored')
  return c.json({ event, duplicate, runs })
}

const bodyRefusals: Readonly<Record<Exclude<Body, Buffer>, Refusal>> = {
  too_large: { status: 413, error: 'body_too_large', message: 'The body is larger than 1 MiB.' },
  cut_off: { status: 400, error: 'body_cut_off', message: 'The body ended before its length.' },
  in_pieces: {
    status: 400,
    error: 'body_in_pieces',
    message: 'The body came in too many pieces of a few bytes.',
  },
  busy: { status: 503, error: 'busy', message: 'Too many large bodies at once. Send it again.' },
}

interface Refusal {
  readonly status: 400 | 401 | 404 | 413 | 415 | 503
  readonly error: string
  readonly message: string
  /** The outcome in log and metrics, if the sender must not know it. Default: `error`. */
  readonly outcome?: string
}

/** The same answer for all: only the log says whether the tenant exists. */
const notSigned: Refusal = {
  status: 401,
  error: 'signature_wrong',
  message:
    'The header PINPOINT-HMAC-SHA256 is missing, or does not match the body and a signing secret; or there is no tenant of this name.',
}

function answer(
  c: Context,
  { metrics, log, refusals, peerOf }: RouteDeps,
  { status, error, message, outcome = error }: Refusal,
): Response {
  metrics.deliveries.inc({ outcome })
  if (status === 503) c.header('Retry-After', '5')
  // The rest of such a body is not read, so its connection cannot serve another request.
  if (status === 413 || error === 'busy') c.header('Connection', 'close')
  const times = error === 'not_stored' ? undefined : refusals.happened(outcome)
  if (times !== undefined) log.warn({ outcome, times, from: peerOf(c) }, 'delivery refused')
  return c.json({ error, message }, status)
}
