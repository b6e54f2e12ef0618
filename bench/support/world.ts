/** A sandbox and a service, each a process of its own, and one tenant that joins them. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { hireEvent, signPinpoint } from '../../sandbox/index.ts'
import { command, type Running, start } from './child.ts'

const signingSecret = 'bench-signing-secret'

export interface BenchWorld {
  readonly sandboxUrl: string
  readonly serviceUrl: string
  readonly service: Running
  /** Seeds so many hires and gives the signed request of each. */
  hires(count: number): Promise<readonly SignedBody[]>
  fault(rule: object): Promise<void>
  /** Runs a command of the product on the same database; what it printed. */
  command(...args: string[]): Promise<string>
  /** What was made in the outside world, counted. */
  counts(): Promise<Readonly<Record<string, number>>>
  close(): Promise<void>
}

export interface SignedBody {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

export async function openBenchWorld(env: Readonly<Record<string, string>> = {}): Promise<BenchWorld> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pinpoint-webhooks-bench-'))
  const sandbox = await start({}, /^Control /, 'sandbox', '--port', '0')
  const accounts = accountsOf(sandbox.lines)
  const settings = {
    DATA_DIR: dataDir,
    PORT: '0',
    ENCRYPTION_KEYS: `bench:${randomBytes(32).toString('base64')}`,
    DANGEROUS_ALLOW_PRIVATE_NETWORK: 'true',
    LOG_LEVEL: 'info',
    ...env,
  }
  const file = join(dataDir, 'tenant.json')
  await writeFile(file, JSON.stringify(declaration(accounts)))
  await command(settings, 'apply', file)
  const service = await start(settings, /"msg":"ready"/, 'serve')
  const serviceUrl = /"url":"(http:[^"]+)"/.exec(service.lines.join('\n'))?.[1] ?? ''
  const control = (path: string, body?: object) => ask(`${accounts.url}/_sandbox/${path}`, body)
  return {
    sandboxUrl: accounts.url,
    serviceUrl,
    service,
    async hires(count) {
      const emails = Array.from({ length: count }, () => ({
        email: `${randomBytes(6).toString('hex')}@example.com`,
      }))
      const { applications } = (await control('applications', emails)) as {
        applications: readonly { id: string; jobId: string }[]
      }
      return applications.map(({ id, jobId }) => signed(hireEvent(id, jobId)))
    },
    command: (...args) => command(settings, ...args),
    async fault(rule) {
      await control('faults', rule)
    },
    async counts() {
      const { counts } = (await control('ledger?only=counts')) as { counts: Record<string, number> }
      return counts
    },
    async close() {
      await service.stop()
      await sandbox.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

function signed(body: string): SignedBody {
  const signature = signPinpoint(signingSecret, body)
  return { body, headers: { 'content-type': 'application/json', 'pinpoint-hmac-sha256': signature } }
}

interface Accounts {
  readonly url: string
  readonly pinpoint: readonly string[]
  readonly hibob: readonly string[]
}

/** What `sandbox` prints: a name, an address and a key a line. */
function accountsOf(lines: readonly string[]): Accounts {
  const of = (name: string) => lines.find((line) => line.startsWith(name))?.split(/\s+/) ?? []
  return {
    url: (of('Control')[1] ?? '').replace('/_sandbox/ledger', ''),
    pinpoint: [of('Pinpoint')[1] ?? '', of('Pinpoint').at(-1) ?? ''],
    hibob: [of('HiBob')[1] ?? '', ...(of('HiBob').at(-1) ?? '').split(':')],
  }
}

function declaration({ pinpoint, hibob }: Accounts) {
  const [apiUrl, apiKey] = pinpoint
  const [hibobUrl, serviceUserId, serviceUserToken] = hibob
  return {
    tenants: [
      {
        slug: 'acme',
        pinpoint: { apiUrl, apiKey, signingSecrets: [signingSecret] },
        connections: [
          {
            integration: 'hibob',
            enabled: true,
            secrets: { serviceUserId, serviceUserToken },
            settings: { site: 'New York (Demo)', apiUrl: hibobUrl },
          },
        ],
      },
    ],
  }
}

async function ask(url: string, body?: object): Promise<unknown> {
  const response = await fetch(
    url,
    body && { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } },
  )
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
  return response.json()
}
