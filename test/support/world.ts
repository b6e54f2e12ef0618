/** A whole world for one test: sandbox, database, a tenant with connections, and services to start on them. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { hireEvent, type Sandbox, signPinpoint, startSandbox } from '../../sandbox/index.ts'
import { type Service, startService } from '../../src/app/service.ts'
import { openStore, type Store } from '../../src/app/store.ts'
import { type Config, readConfig } from '../../src/config/environment.ts'
import { integrations } from '../../src/integrations/registry.ts'
import { type Log, silentLog } from '../../src/observe/log.ts'
import { type RunView } from '../../src/operator/operate.ts'
import { isFinished } from '../../src/runs/run.ts'
import { applyDeclaration } from '../../src/tenants/apply.ts'
import { type FreshDatabase, freshDatabase } from './database.ts'
import { hibobTenant } from './hibob-tenant.ts'
import { until } from './until.ts'

export const signingSecret = 'test_signing_secret'

export interface WorldOptions {
  /** Settings of the HiBob connection beside the sandbox's address. */
  readonly hibob?: Readonly<Record<string, unknown>>
  /** Of the HiBob connection, beside its settings. */
  readonly connection?: {
    readonly delay?: string
    readonly comment?: string | undefined
    readonly writeBack?: string | { readonly customAttribute: string }
    readonly commentWhenParked?: boolean
    readonly mapping?: Readonly<Record<string, unknown>>
  }
  /** Also a connection to the sandbox's receiver of signed webhooks, or to another path of it. */
  readonly webhook?: boolean | { readonly path: string }
  /** Where the tenant's Pinpoint is. Default: the sandbox's address. */
  readonly pinpointUrl?: string
  /** Default: the one that `send` signs with. */
  readonly signingSecrets?: readonly string[]
  readonly demoHires?: boolean
  /** Environment beside the defaults of a test. */
  readonly env?: Readonly<Record<string, string>>
  readonly log?: Log
  /** Unset: one of the run's own PostgreSQL. */
  readonly database?: FreshDatabase
  /** Start the service in this process. Default true. */
  readonly service?: boolean
  /** Where the sandbox listens. Default: on this machine only. */
  readonly sandboxHost?: string
}

export interface World {
  readonly sandbox: Sandbox
  readonly store: Store
  readonly config: Config
  /** The environment of a service process on this world. */
  readonly env: Readonly<Record<string, string>>
  readonly service: Service | undefined
  apply(options?: WorldOptions): Promise<void>
  /** Posts a signed event, to this world's service unless told otherwise. */
  send(
    body: string,
    options?: { readonly url?: string; readonly query?: string; readonly signature?: string },
  ): Promise<Response>
  /** Seeds a hire in the sandbox and posts its event. */
  hire(
    seed?: Parameters<Sandbox['pinpoint']['addApplication']>[0],
    options?: { readonly url?: string },
  ): Promise<string>
  /** All runs, when all that was acknowledged has begun, each has ended or parked, and there are as many as wanted. */
  settled(count: number, seconds?: number): Promise<readonly RunView[]>
  close(): Promise<void>
}

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const database = options.database ?? (await freshDatabase())
  const dataDir = await mkdtemp(join(tmpdir(), 'pinpoint-webhooks-world-'))
  const env = {
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    PORT: '0',
    ENCRYPTION_KEYS: `test:${randomBytes(32).toString('base64')}`,
    DANGEROUS_ALLOW_PRIVATE_NETWORK: 'true',
    SHUTDOWN_GRACE_SECONDS: '5',
    ...options.env,
  }
  const config = readConfig(env)
  const log = options.log ?? silentLog
  const { sandboxHost } = options
  const sandbox = await startSandbox(sandboxHost === undefined ? {} : { host: sandboxHost })
  const store = await openStore(config, { log })
  const apply = async (changed: WorldOptions = options) => {
    await applyDeclaration(
      { store: store.declarations, integrations, variables: {} },
      JSON.stringify(declaration(sandbox, changed)),
    )
  }
  await apply()
  const service = options.service === false ? undefined : await startService(config, log)

  const send: World['send'] = (
    body,
    { url = service?.url, query = '', signature = signPinpoint(signingSecret, body) } = {},
  ) =>
    fetch(`${url ?? ''}/webhooks/pinpoint/acme${query}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', 'PINPOINT-HMAC-SHA256': signature },
    })
  return {
    sandbox,
    store,
    config,
    env,
    service,
    apply,
    send,
    async hire(seed = {}, target = {}) {
      const { id, job } = sandbox.pinpoint.addApplication(seed)
      const response = await send(hireEvent(id, job.id), target)
      if (response.status !== 200) throw new Error(`the webhook was answered ${response.status}`)
      return id
    },
    settled: (count, seconds = 60) =>
      until(
        `${count} runs to settle`,
        async () => {
          const { rowCount } = await store.database.pool.query(movesSql)
          if (rowCount !== 0) return false
          // A follow-up may have to wait for a day.
          const runs = (await store.runs.listRuns({ limit: 10_000 })).filter(
            ({ followUp, state }) => !followUp || isFinished(state),
          )
          return (
            runs.length >= count && runs.every(({ state }) => isFinished(state) || state === 'parked') && runs
          )
        },
        seconds,
      ),
    async close() {
      await service?.close()
      await store.close()
      await sandbox.close()
      await database.drop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** A world that is gone with the test, whatever becomes of it: for tests that run at once. */
export async function inWorld(options: WorldOptions, play: (world: World) => Promise<void>): Promise<void> {
  const world = await openWorld(options)
  try {
    await play(world)
  } finally {
    await world.close()
  }
}

/** What is acknowledged and not dispatched, and what is parked although its connection has changed since. */
const movesSql = `
  select from inbox union all
  select from runs join connections on connections.id = runs.connection_id
  where runs.state = 'parked' and runs.resumes_on = 'connection' and connections.enabled and connections.paused_code is null
    and runs.connection_revision <> connections.revision`

/** What `apply` reads: the tenant of this sandbox. */
export function declaration(sandbox: Sandbox, options: WorldOptions) {
  const { hibob: settings = {}, connection = {}, webhook = false, demoHires = false } = options
  const { signingSecrets = [signingSecret] } = options
  const tenant = hibobTenant(sandbox, { signingSecrets, settings, pinpointUrl: options.pinpointUrl })
  return {
    tenants: [
      {
        ...tenant,
        pinpoint: { ...tenant.pinpoint, demoHires },
        connections: [
          ...tenant.connections.map((hibob) => ({ ...hibob, ...connection })),
          {
            integration: 'webhook',
            enabled: webhook !== false,
            secrets: { signingSecret: sandbox.receivers.receiver('default')?.secret },
            settings: {
              url: typeof webhook === 'object' ? `${sandbox.url}${webhook.path}` : sandbox.receiverUrl,
            },
          },
        ],
      },
    ],
  }
}
