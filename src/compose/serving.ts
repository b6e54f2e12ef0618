/** The two listeners of a process: one for the world, one for operators. */
import type { Config } from '../config/environment.ts'
import { mustBeListenable } from '../http/listenable.ts'
import { serveHttp } from '../http/server.ts'
import type { Log } from '../observe/log.ts'
import type { Metrics } from '../observe/metrics.ts'
import { createSeldom } from '../observe/seldom.ts'
import type { ServiceApps } from './service.ts'

type Addresses = Pick<Config, 'host' | 'port' | 'adminHost' | 'adminPort'>

const addressesOf = ({ host, port, adminHost, adminPort }: Addresses) => ({
  world: { host, port, setting: 'PORT' as const },
  operators: { host: adminHost, port: adminPort, setting: 'ADMIN_PORT' as const },
})

/** Asked before anything is begun: a start that cannot serve leaves nothing behind. */
export async function mustBeServable(config: Addresses): Promise<void> {
  const { world, operators } = addressesOf(config)
  await mustBeListenable(world)
  await mustBeListenable(operators)
}

export interface Serving {
  readonly url: string
  readonly adminUrl: string
  close(): Promise<void>
}

export async function serveBoth(
  { app, operator }: ServiceApps,
  config: Addresses,
  { log, metrics }: { readonly log: Log; readonly metrics: Metrics },
): Promise<Serving> {
  const { world, operators } = addressesOf(config)
  const seldom = createSeldom()
  const onDrop = () => {
    metrics.deliveries.inc({ outcome: 'connection_dropped' })
    const times = seldom.happened('drop')
    if (times !== undefined) log.warn({ times }, 'connections dropped: there are too many')
  }
  const admin = await serveHttp(operator, operators)
  try {
    const server = await serveHttp(app, { ...world, onDrop })
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
