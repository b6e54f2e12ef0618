/** The HTTP app and its server. The same app answers in tests without a socket. */
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { routePath } from 'hono/route'

import { safeError } from '../observe/log.ts'
import { listenFailure } from './listen-failure.ts'
import { addOperatorRoutes, type ReadinessCheck } from './operator-routes.ts'
import { addWebhookRoutes, type WebhookDeps } from './webhook-route.ts'

export interface HttpAppDeps extends Omit<WebhookDeps, 'receive'> {
  /** Unset: this process only works, and webhooks are answered elsewhere. */
  readonly receive?: WebhookDeps['receive']
  readonly readiness: readonly ReadinessCheck[]
}

export function createHttpApp(deps: HttpAppDeps): Hono {
  const app = new Hono()
  const { receive } = deps
  if (receive !== undefined) addWebhookRoutes(app, { ...deps, receive })
  addOperatorRoutes(app, deps)
  app.notFound((c) => c.json({ error: 'not_found', message: 'There is nothing at this address.' }, 404))
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

export async function serveHttp(
  app: Hono,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<HttpServer> {
  // A body that trickles in must not hold a connection for ever; Pinpoint itself gives up after five seconds.
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: { requestTimeout: 15_000, headersTimeout: 10_000, keepAliveTimeout: 65_000 },
  }) as Server
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
