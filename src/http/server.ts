/** The HTTP apps and their servers. The same apps answer in tests without a socket. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, DropArgument } from 'node:net'

import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { routePath } from 'hono/route'

import { type Log, safeError } from '../observe/log.ts'
import { createLogThrottle } from '../observe/log-throttle.ts'
import type { Metrics } from '../observe/metrics.ts'
import { createContextPeer } from './context-peer.ts'
import { addHealthRoutes, addMetricsRoute, type Readiness } from './health-routes.ts'
import { listenFailure, type Listening } from './listen-failure.ts'
import { CountedRequest, parseInPortions } from './portions.ts'
import { faultOfTarget } from './request-target.ts'
import { faultOfAddress, routedPath } from './webhook-address.ts'
import { addWebhookRoutes, type WebhookDeps } from './webhook-route.ts'

export interface HttpAppDeps extends Omit<WebhookDeps, 'receive'>, Readiness {
  /** Unset: this process is a worker only, and other processes receive webhooks. */
  readonly receive?: WebhookDeps['receive']
}

/** The public app: webhooks and health. */
export function createHttpApp(deps: HttpAppDeps): Hono {
  const app = new Hono({ getPath: routedPath })
  const { receive, log } = deps
  if (receive !== undefined) addWebhookRoutes(app, { ...deps, receive })
  addHealthRoutes(app, deps)
  const mistypedThrottle = createLogThrottle()
  const peerOf = createContextPeer(deps.trustedProxies)
  app.notFound((c) => {
    const wrong = receive === undefined ? undefined : faultOfAddress(c.req.method, c.req.path)
    const times = wrong === undefined ? undefined : mistypedThrottle.happened(wrong)
    if (times !== undefined) log.warn({ wrong, times, from: peerOf(c) }, 'request to a mistyped webhook URL')
    const hint = wrong === undefined ? '' : ' Webhooks are sent by POST to /webhooks/pinpoint/<tenant>.'
    return c.json({ error: 'not_found', message: `There is nothing at this address.${hint}` }, 404)
  })
  return answeringErrors(app, log)
}

/** The operators' app, on its own listener: no spelling of an address leads from the public one to it. */
export function createOperatorApp(deps: Readiness & { readonly metrics: Metrics; readonly log: Log }): Hono {
  const app = new Hono()
  addHealthRoutes(app, deps)
  addMetricsRoute(app, deps.metrics)
  app.notFound((c) => c.json({ error: 'not_found', message: 'There is nothing at this address.' }, 404))
  return answeringErrors(app, deps.log)
}

function answeringErrors(app: Hono, log: Log): Hono {
  app.onError((error, c) => {
    // The text of an unknown error may quote anything, so it stays in the log, and even there without its message.
    log.error({ path: routePath(c), ...safeError(error) }, 'request failed')
    return c.json({ error: 'internal', message: 'An unexpected error occurred. See the service log.' }, 500)
  })
  return app
}

export interface HttpServer {
  readonly url: string
  /** Accepts no new connection and waits for the requests under way. */
  close(): Promise<void>
}

/**
 * Pinpoint gives up after five seconds, so a slower request need not be waited for. Node checks only every 30 seconds by
 * default, which would let a slow head live four times its limit. Idle connections stay
 * longer than those of the usual proxies (60 s), so that the proxy closes them.
 * https://nodejs.org/docs/latest-v24.x/api/http.html#httpcreateserveroptions-requestlistener
 */
const limits = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 65_000,
} as const

export interface ServeOptions extends Listening {
  /**
   * More connections than this, idle ones included, would use up descriptors and memory. A proxy has a few dozens.
   * Default: 1,000.
   */
  readonly mostConnections?: number
  /** A connection was refused because there are too many. */
  readonly onDrop?: (from: string | undefined) => void
  /** A request was refused for its target. */
  readonly onFault?: (fault: string, incoming: IncomingMessage) => void
}

export async function serveHttp(
  app: Hono,
  { mostConnections = 1_000, onDrop, onFault, ...address }: ServeOptions,
): Promise<HttpServer> {
  const answer = getRequestListener(app.fetch)
  const server = createServer({ ...limits, IncomingMessage: CountedRequest }, (incoming, outgoing) => {
    // Pieces of a body that arrives after the answer are not counted; with a length, they are packets at least.
    outgoing.once('finish', () => {
      if (!incoming.complete && incoming.headers['transfer-encoding'] !== undefined)
        incoming.socket.destroySoon()
    })
    const fault = faultOfTarget(incoming)
    if (fault === undefined) return void answer(incoming, outgoing)
    onFault?.(fault, incoming)
    refuse(outgoing, fault)
  })
  server.maxConnections = mostConnections
  server.on('connection', parseInPortions)
  server.on('drop', (dropped?: DropArgument) => onDrop?.(dropped?.remoteAddress))
  server.listen(address.port, address.host)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw listenFailure(error, address)
  }
  const { port: bound } = server.address() as AddressInfo
  const { host } = address
  const shown = host.includes(':') ? `[${host}]` : host
  return {
    url: `http://${shown}:${bound}`,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeIdleConnections()
      await closed
    },
  }
}

function refuse(outgoing: ServerResponse, message: string): void {
  outgoing.writeHead(400, { 'Content-Type': 'application/json', Connection: 'close' })
  outgoing.end(JSON.stringify({ error: 'bad_target', message }))
}
