/** The HTTP app and its server. The same app answers in tests without a socket. */
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { routePath } from 'hono/route'

import { safeError } from '../observe/log.ts'
import { createSeldom } from '../observe/seldom.ts'
import { listenFailure } from './listen-failure.ts'
import { addOperatorRoutes, type ReadinessCheck } from './operator-routes.ts'
import { faultOfAddress, routedPath } from './webhook-address.ts'
import { addWebhookRoutes, type WebhookDeps } from './webhook-route.ts'

export interface HttpAppDeps extends Omit<WebhookDeps, 'receive'> {
  /** Unset: this process only works, and webhooks are answered elsewhere. */
  readonly receive?: WebhookDeps['receive']
  readonly readiness: readonly ReadinessCheck[]
}

export function createHttpApp(deps: HttpAppDeps): Hono {
  const app = new Hono({ getPath: routedPath })
  const { receive, log } = deps
  if (receive !== undefined) addWebhookRoutes(app, { ...deps, receive })
  addOperatorRoutes(app, deps)
  const mistyped = createSeldom()
  app.notFound((c) => {
    const wrong = receive === undefined ? undefined : faultOfAddress(c.req.method, c.req.path)
    const times = wrong === undefined ? undefined : mistyped.happened(wrong)
    if (times !== undefined) log.warn({ wrong, times }, 'a webhook address that leads nowhere')
    const hint = wrong === undefined ? '' : ' Webhooks are sent by POST to /webhooks/pinpoint/<tenant>.'
    return c.json({ error: 'not_found', message: `There is nothing at this address.${hint}` }, 404)
  })
  app.onError((error, c) => {
    // The text of an unknown error may quote anything, so it stays in the log, and even there without its message.
    deps.log.error({ path: routePath(c), ...safeError(error) }, 'request failed')
    return c.json({ error: 'internal', message: 'An unexpected error; the service log has it.' }, 500)
  })
  return app
}

export interface HttpServer {
  readonly url: string
  /** Takes no new connection and waits for the requests under way. */
  close(): Promise<void>
}

/**
 * Pinpoint gives up after five seconds, so whoever takes longer to send a request than these is not waited for. Node looks
 * only every 30 seconds unless told otherwise, which would let a slow head live four times its limit. Idle connections stay
 * longer than those of the usual proxies (60 s), so that it is the proxy that closes them.
 * https://nodejs.org/docs/latest-v24.x/api/http.html#httpcreateserveroptions-requestlistener
 */
const limits = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 65_000,
} as const

export async function serveHttp(
  app: Hono,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<HttpServer> {
  const server = createAdaptorServer({ fetch: app.fetch, serverOptions: limits }) as Server
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw listenFailure(error, { host, port, setting: 'PORT' })
  }
  const { port: bound } = server.address() as AddressInfo
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
