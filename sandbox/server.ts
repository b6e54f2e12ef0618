/** Starts a sandbox: one port that imitates Pinpoint, HiBob and a receiver of signed webhooks. Nothing is mocked. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'

import { type Clock, systemClock } from '../src/base/clock.ts'
import { createSandboxApp } from './app.ts'
import type { SandboxEnv } from './gate.ts'
import type { CompanySeed } from './hibob/seed.ts'
import type { ApplicationSeed, TenantSeed } from './pinpoint/seed.ts'
import type { ReceiverSeed } from './receiver/seed.ts'
import { openWorld, type World } from './world.ts'

export interface SandboxOptions {
  /** Default 0: any free port. */
  readonly port?: number
  /** Default `127.0.0.1`: the sandbox has no authentication of its own. */
  readonly host?: string
  readonly clock?: Clock
  /** What is there from the start, beside the tenant, the company `acme` and the receiver `default`. */
  readonly seed?: {
    readonly tenants?: readonly TenantSeed[]
    readonly companies?: readonly CompanySeed[]
    readonly receivers?: readonly ReceiverSeed[]
    readonly applications?: readonly ApplicationSeed[]
  }
}

export interface Sandbox extends World {
  readonly url: string
  /** The API of the tenant `acme`; its key is `pinpoint.tenant('acme')?.apiKey`. */
  readonly pinpointUrl: string
  readonly hibobUrl: string
  /** The receiver `default`. */
  readonly receiverUrl: string
  pinpointUrlOf(subdomain: string): string
  receiverUrlOf(name: string): string
  /** Cuts open connections, held and hanging calls included, and frees the port. */
  close(): Promise<void>
}

export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const world = openWorld(options.clock ?? systemClock)
  sow(world, options.seed)
  let url = ''
  const app = createSandboxApp(world, () => url)
  const server = createServer({ keepAliveTimeout: 60_000 }, listener(app))
  const host = options.host ?? '127.0.0.1'
  const { port } = await listening(server, options.port ?? 0, host)
  url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  const pinpointUrlOf = (subdomain: string) => `${url}/pinpoint/${subdomain}/api/v1`
  const receiverUrlOf = (name: string) => `${url}/receiver/${name}`
  return {
    ...world,
    url,
    pinpointUrl: pinpointUrlOf('acme'),
    hibobUrl: `${url}/hibob/v1`,
    receiverUrl: receiverUrlOf('default'),
    pinpointUrlOf,
    receiverUrlOf,
    close: () => closed(server),
  }
}

function sow(world: World, seed: SandboxOptions['seed'] = {}): void {
  for (const tenant of seed.tenants ?? []) world.pinpoint.addTenant(tenant)
  for (const company of seed.companies ?? []) world.hibob.addCompany(company)
  for (const receiver of seed.receivers ?? []) world.receivers.addReceiver(receiver)
  for (const application of seed.applications ?? []) world.pinpoint.addApplication(application)
}

function listener(app: Hono<SandboxEnv>) {
  const listen = getRequestListener((request, socket) => app.fetch(request, socket))
  return (...[incoming, outgoing]: Parameters<typeof listen>) => {
    void listen(incoming, outgoing)
  }
}

async function listening(server: Server, port: number, host: string): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The sandbox listens on no port')
  return address
}

async function closed(server: Server): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()))
    server.closeAllConnections()
  })
}
