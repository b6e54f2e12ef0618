/** The two listeners of a process: one for the public, one for operators. */
import type { IncomingMessage } from 'node:http'

import type { Hono } from 'hono'

import type { Config } from '../config/environment.ts'
import type { Log } from '../observe/log.ts'
import { createLogThrottle } from '../observe/log-throttle.ts'
import type { Metrics } from '../observe/metrics.ts'
import { mustBeListenable } from './listenable.ts'
import { createPeerOf } from './peer.ts'
import { serveHttp } from './server.ts'

type Addresses = Pick<Config, 'host' | 'port' | 'adminHost' | 'adminPort'>
type ServingConfig = Addresses & Pick<Config, 'trustedProxies'>

const addressesOf = ({ host, port, adminHost, adminPort }: Addresses) => ({
  world: { host, port, setting: 'PORT' as const },
  operators: { host: adminHost, port: adminPort, setting: 'ADMIN_PORT' as const },
})

/** Checked before anything starts: a start that cannot serve leaves nothing behind. */
export async function mustBeServable(config: Addresses): Promise<void> {
  const { world, operators } = addressesOf(config)
  await mustBeListenable(world)
  await mustBeListenable(operators)
}

export interface Listeners {
  readonly url: string
  /** For metrics and health checks. */
  readonly adminUrl: string
  close(): Promise<void>
}

export async function serveBoth(
  { app, operator }: { readonly app: Hono; readonly operator: Hono },
  config: ServingConfig,
  { log, metrics }: { readonly log: Log; readonly metrics: Metrics },
): Promise<Listeners> {
  const { world, operators } = addressesOf(config)
  const logThrottle = createLogThrottle()
  const peerOf = createPeerOf(config.trustedProxies)
  const onDrop = (connected: string | undefined) => {
    metrics.deliveries.inc({ outcome: 'connection_dropped' })
    const times = logThrottle.happened('drop')
    const from = peerOf(connected, undefined)
    if (times !== undefined) log.warn({ times, from }, 'connections dropped: there are too many')
  }
  const onFault = (wrong: string, { socket, headers }: IncomingMessage) => {
    metrics.deliveries.inc({ outcome: 'bad_target' })
    const times = logThrottle.happened(wrong)
    const from = peerOf(socket.remoteAddress, headers['x-forwarded-for'])
    if (times !== undefined) log.warn({ wrong, times, from }, 'request refused for its target')
  }
  const admin = await serveHttp(operator, operators)
  try {
    const server = await serveHttp(app, { ...world, onDrop, onFault })
    return {
      url: server.url,
      adminUrl: admin.url,
      async close() {
        await server.close()
        await admin.close()
      },
    }
  } catch (error) {
    await admin.close()
    throw error
  }
}
