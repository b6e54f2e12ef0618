/** What a soak is played on: a sandbox with many tenants, a PostgreSQL, and service processes that are started again when killed. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { type Sandbox, startSandbox } from '../../sandbox/index.ts'
import { openStore, type Store } from '../../src/app/store.ts'
import { readConfig } from '../../src/config/environment.ts'
import { integrations } from '../../src/integrations/registry.ts'
import { silentLog } from '../../src/observe/log.ts'
import { applyDeclaration } from '../../src/tenants/apply.ts'
import { hibobTenant } from '../support/hibob-tenant.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { type ServiceProcess, startServiceProcess } from '../support/service-process.ts'

export const signingSecret = 'soak-signing-secret'
/** As HiBob documents it; the sandbox keeps to it in full. */
export const readLagSeconds = 20

export interface Stage {
  readonly sandbox: Sandbox
  readonly postgres: PostgresServer
  readonly store: Store
  /** Where the service listens now; undefined between a kill and the next start. */
  addressOf(service: number): string | undefined
  /** SIGKILL, and a new process in its place. False when it has not even started since the last one. */
  kill(service: number): Promise<boolean>
  /** Everything that the services wrote. */
  output(): string
  close(): Promise<void>
}

export async function openStage(tenants: readonly string[], services: number): Promise<Stage> {
  const postgres = await startPostgres()
  const dataDir = await mkdtemp(join(tmpdir(), 'pinpoint-webhooks-soak-'))
  const env = {
    DATABASE_URL: postgres.url,
    DATA_DIR: dataDir,
    PORT: '0',
    ENCRYPTION_KEYS: `soak:${randomBytes(32).toString('base64')}`,
    DANGEROUS_ALLOW_PRIVATE_NETWORK: 'true',
    // More hires come here than one company has in a day.
    TENANT_EVENTS_PER_DAY: '10000000',
    TENANT_UNFINISHED_RUNS: '10000000',
    WORKER_CONCURRENCY: '20',
    LOG_LEVEL: 'info',
  }
  const sandbox = await startSandbox()
  for (const name of tenants) {
    sandbox.pinpoint.addTenant({ subdomain: name, apiKey: `key-of-${name}` })
    sandbox.hibob.addCompany({ name, serviceUserId: `SERVICE-${name}`, readLagMs: readLagSeconds * 1000 })
  }
  const store = await openStore(readConfig(env), { log: silentLog })
  await applyDeclaration(
    { store: store.declarations, integrations, variables: {} },
    JSON.stringify({
      tenants: tenants.map((slug) =>
        hibobTenant(sandbox, { slug, signingSecrets: [signingSecret], settings: { readLagSeconds } }),
      ),
    }),
  )
  const running = new Map<number, ServiceProcess>()
  const starting = new Map<number, Promise<void>>()
  const ended: string[] = []
  let closing = false
  const start = async (service: number): Promise<void> => {
    try {
      running.set(service, await startServiceProcess(env))
    } catch (error) {
      // The database may be away just then: whoever runs the service starts it again.
      if (!closing) return start(service)
      throw error
    }
  }
  await Promise.all(Array.from({ length: services }, (_, service) => start(service)))
  return {
    sandbox,
    postgres,
    store,
    addressOf: (service) => running.get(service)?.url,
    async kill(service) {
      const victim = running.get(service)
      if (victim === undefined) return false
      running.delete(service)
      await victim.kill()
      ended.push(victim.output())
      starting.set(service, start(service))
      return true
    },
    output: () => [...ended, ...[...running.values()].map((one) => one.output())].join('\n'),
    async close() {
      await Promise.all(starting.values())
      closing = true
      await Promise.all([...running.values()].map((one) => one.stop()))
      await store.close()
      await sandbox.close()
      await postgres.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
