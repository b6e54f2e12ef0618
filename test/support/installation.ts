/** The service as operators have it: a data folder, processes that are started and stopped, and commands. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { hireEvent, type Sandbox, signPinpoint, startSandbox } from '../../sandbox/index.ts'
import type { RunView } from '../../src/operator/operate.ts'
import { runCommand, runJson } from './command.ts'
import { postmasterPid } from './embedded-process.ts'
import { hibobTenant } from './hibob-tenant.ts'
import { type ServiceProcess, startServiceProcess } from './service-process.ts'
import { until } from './until.ts'

type Env = Readonly<Record<string, string>>
type Seed = NonNullable<Parameters<Sandbox['pinpoint']['addApplication']>[0]>

export interface Installation {
  readonly sandbox: Sandbox
  /** For data folders, backups and archives; gone with the installation. */
  readonly folder: string
  /** Of the service: it starts on an embedded PostgreSQL in `DATA_DIR` unless a test adds `DATABASE_URL`. */
  readonly env: Env
  /** Declares the tenant and its HiBob connection. */
  apply(env?: Env): Promise<void>
  start(env?: Env): Promise<ServiceProcess>
  json(line: readonly string[], env?: Env): Promise<unknown>
  /** Seeds a hire of some hours ago and posts its event. Gives the application's id once it is acknowledged. */
  hire(service: ServiceProcess, seed?: Seed): Promise<string>
  /** All runs, when each is at rest and there are as many as wanted. */
  settled(count: number, env?: Env): Promise<readonly RunView[]>
  close(): Promise<void>
}

const signingSecret = 'test_signing_secret'
const hour = 3_600_000

export async function openInstallation(more: Env = {}): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'pinpoint-webhooks-installation-'))
  const sandbox = await startSandbox()
  const env = {
    DATA_DIR: join(folder, 'data'),
    PORT: '0',
    DANGEROUS_ALLOW_PRIVATE_NETWORK: 'true',
    SHUTDOWN_GRACE_SECONDS: '5',
    ...more,
  }
  const services: ServiceProcess[] = []
  const folders = new Set<string>()
  const used = (given: Env) => {
    folders.add(given['DATA_DIR'] ?? '')
    return given
  }
  const json = async (line: readonly string[], given: Env = env) => {
    const { code, data } = await runJson(line, { env: used(given) })
    if (code !== 0) throw new Error(`${line.join(' ')} ended with ${String(code)}: ${JSON.stringify(data)}`)
    return data
  }
  return {
    sandbox,
    folder,
    env,
    json,
    async apply(given = env) {
      const input = JSON.stringify(declaration(sandbox))
      const { code, stderr } = await runCommand(['apply', '-'], { env: used(given), input })
      if (code !== 0) throw new Error(`apply ended with ${String(code)}: ${stderr}`)
    },
    async start(given = env) {
      const service = await startServiceProcess(used(given))
      services.push(service)
      return service
    },
    async hire(service, seed = {}) {
      const hiredAt = new Date(Date.now() - 5 * hour).toISOString()
      const { id, job } = sandbox.pinpoint.addApplication({ hiredAt, ...seed })
      const body = hireEvent(id, job.id)
      const response = await fetch(`${service.url}/webhooks/pinpoint/acme`, {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/json',
          'PINPOINT-HMAC-SHA256': signPinpoint(signingSecret, body),
        },
      })
      if (response.status !== 200) throw new Error(`the webhook was answered ${response.status}`)
      return id
    },
    settled: (count, given = env) =>
      until(
        `${count} runs to settle`,
        async () => {
          const runs = (await json(['runs', 'list', '--limit', '1000'], given)) as readonly RunView[]
          const atRest = runs.every(({ state }) => !['queued', 'running', 'waiting'].includes(state))
          return runs.length >= count && atRest && runs
        },
        90,
      ),
    async close() {
      await Promise.all(services.map((service) => service.stop()))
      // A killed process leaves its server running: the next user of the folder takes it over and stops it.
      for (const dataDir of folders)
        if ((await postmasterPid(dataDir)) !== undefined)
          await runCommand(['doctor'], { env: { ...env, DATA_DIR: dataDir } })
      await sandbox.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The embedded server that runs on a data folder, as its superuser: for tests that write SQL. */
export async function embeddedUrl(dataDir: string): Promise<string> {
  const read = (name: string) => readFile(join(dataDir, 'postgres', name), 'utf8')
  const [, , , port = '', socket = ''] = (await read('data/postmaster.pid')).split('\n')
  // What 0.1.0 has started listens on a port.
  const host = socket === '' ? '127.0.0.1' : encodeURIComponent(join(dataDir, 'postgres/data'))
  return `postgresql://postgres:${await read('password')}@${host}:${port}/postgres`
}

/** Sweeps come when a test says so. */
function declaration(sandbox: Sandbox) {
  const tenant = hibobTenant(sandbox, { signingSecrets: [signingSecret], settings: { readLagSeconds: 0 } })
  return { tenants: [{ ...tenant, sweep: 'off' }] }
}
