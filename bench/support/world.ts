/** A sandbox and a service, each a process of its own, and the tenants that join them. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { hireEvent } from '../../sandbox/index.ts'
import { command, type Env, type Running, start } from './child.ts'
import { signed, type SignedBody, signingSecret } from './deliveries.ts'

export interface WorldOptions {
  /** Settings of the service. */
  readonly env?: Env
  /** Default: an embedded server of the service's own. */
  readonly databaseUrl?: string | undefined
  /** Beside `acme`. Each with a Pinpoint account and a HiBob company of its own. */
  readonly tenants?: readonly string[]
  /** What `hires` seeds, beside the e-mail. */
  readonly seed?: object
}

export interface Hire extends SignedBody {
  readonly application: string
  readonly tenant: string
}

export interface BenchWorld {
  readonly sandboxUrl: string
  readonly serviceUrl: string
  readonly service: Running
  /** What the baselines are started with. */
  readonly destinations: Env
  webhookUrl(tenant?: string): string
  /** Seeds so many hires and gives the signed request of each. */
  hires(count: number, tenant?: string): Promise<readonly Hire[]>
  fault(rule: object): Promise<void>
  /** Every call to HiBob and Pinpoint takes so much longer from now on. */
  upstreamTakes(milliseconds: number): Promise<void>
  /** Runs a command of the product on the same database; what it printed. */
  command(...args: string[]): Promise<string>
  /** Another process of the service on the same database. */
  another(env?: Env): Promise<Running>
  /** What was made in the outside world, counted. */
  counts(): Promise<Readonly<Record<string, number>>>
  /** Calls of one operation, the newest 5,000: which application, and when. */
  calls(system: string, operation: string): Promise<readonly { readonly at: string; readonly path: string }[]>
  /** The outside world forgets everything, for more tenants than `acme` for good. */
  forget(): Promise<void>
  close(): Promise<void>
}

export async function openBenchWorld({
  env = {},
  databaseUrl,
  tenants = [],
  seed = {},
}: WorldOptions = {}): Promise<BenchWorld> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pinpoint-webhooks-bench-'))
  const sandbox = await start({}, /^Control /, 'sandbox', '--port', '0')
  const accounts = accountsOf(sandbox.lines)
  const control = (path: string, options?: Asked) => ask(`${accounts.url}/_sandbox${path}`, options)
  const settings = {
    DATA_DIR: dataDir,
    ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
    PORT: '0',
    ENCRYPTION_KEYS: `bench:${randomBytes(32).toString('base64')}`,
    DANGEROUS_ALLOW_PRIVATE_NETWORK: 'true',
    // More hires come here than one company has in a day.
    TENANT_EVENTS_PER_DAY: '10000000',
    TENANT_UNFINISHED_RUNS: '10000000',
    LOG_LEVEL: 'info',
    ...env,
  }
  for (const name of tenants) {
    await control('/tenants', { method: 'PUT', body: { subdomain: name } })
    await control('/companies', { method: 'PUT', body: { name, serviceUserId: `SERVICE-${name}` } })
  }
  const file = join(dataDir, 'tenants.json')
  await writeFile(
    file,
    JSON.stringify({ tenants: ['acme', ...tenants].map((name) => tenant(name, accounts)) }),
  )
  await command(settings, 'apply', file)
  const ready = /"msg":"ready"/
  const service = await start(settings, ready, 'serve')
  const others: Running[] = []
  const serviceUrl = /"url":"(http:[^"]+)"/.exec(service.lines.join('\n'))?.[1] ?? ''
  return {
    sandboxUrl: accounts.url,
    serviceUrl,
    service,
    destinations: {
      PINPOINT_URL: accounts.pinpoint[0],
      PINPOINT_KEY: accounts.pinpoint[1],
      HIBOB_URL: accounts.hibob[0],
      HIBOB_USER: accounts.hibob[1],
      SIGNING_SECRET: signingSecret,
    },
    webhookUrl: (of = 'acme') => `${serviceUrl}/webhooks/pinpoint/${of}`,
    async hires(count, of = 'acme') {
      const body = Array.from({ length: count }, () => ({
        ...seed,
        tenant: of,
        email: `${randomBytes(6).toString('hex')}@example.com`,
      }))
      const { applications } = (await control('/applications', { body })) as {
        applications: readonly { id: string; jobId: string }[]
      }
      return applications.map(({ id, jobId }) => ({
        ...signed(hireEvent(id, jobId)),
        application: id,
        tenant: of,
      }))
    },
    command: (...args) => command(settings, ...args),
    async another(more = {}) {
      const running = await start({ ...settings, ...more }, ready, 'serve')
      others.push(running)
      return running
    },
    async fault(rule) {
      await control('/faults', { body: rule })
    },
    async upstreamTakes(milliseconds) {
      await control('/faults', { method: 'DELETE' })
      for (const system of milliseconds > 0 ? ['pinpoint', 'hibob', 'files'] : []) {
        await control('/faults', { body: { system, every: 1, effect: { delayMs: milliseconds } } })
      }
    },
    async counts() {
      const { counts } = (await control('/ledger?only=counts')) as { counts: Record<string, number> }
      return counts
    },
    async calls(system, operation) {
      const asked = new URLSearchParams({ system, operation }).toString()
      return ((await control(`/calls?${asked}`)) as { calls: { at: string; path: string }[] }).calls
    },
    async forget() {
      await control('', { method: 'DELETE' })
    },
    async close() {
      for (const other of others) await other.close()
      await service.close()
      await sandbox.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

interface Accounts {
  readonly url: string
  /** Address and key. */
  readonly pinpoint: readonly [string, string]
  /** Address, and service user with token. */
  readonly hibob: readonly [string, string]
}

/** What `sandbox` prints: a name, an address and a key a line. */
function accountsOf(lines: readonly string[]): Accounts {
  const of = (name: string): readonly [string, string] => {
    const words = lines.find((line) => line.startsWith(name))?.split(/\s+/) ?? []
    return [words[1] ?? '', words.at(-1) ?? '']
  }
  return {
    url: of('Control')[0].replace('/_sandbox/ledger', ''),
    pinpoint: of('Pinpoint'),
    hibob: of('HiBob'),
  }
}

function tenant(slug: string, { pinpoint: [apiUrl, apiKey], hibob: [hibobUrl, hibobUser] }: Accounts) {
  const [user, serviceUserToken] = hibobUser.split(':')
  return {
    slug,
    pinpoint: {
      apiUrl: apiUrl.replace('/acme/', `/${slug}/`),
      apiKey,
      signingSecrets: [signingSecret],
    },
    connections: [
      {
        integration: 'hibob',
        enabled: true,
        secrets: { serviceUserId: slug === 'acme' ? user : `SERVICE-${slug}`, serviceUserToken },
        settings: { site: 'New York (Demo)', apiUrl: hibobUrl },
      },
    ],
  }
}

interface Asked {
  readonly method?: string
  readonly body?: object
}

async function ask(url: string, { body, method = body === undefined ? 'GET' : 'POST' }: Asked = {}) {
  const response = await fetch(url, {
    method,
    ...(body !== undefined && {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    }),
  })
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
  const text = await response.text()
  return text === '' ? undefined : (JSON.parse(text) as unknown)
}
