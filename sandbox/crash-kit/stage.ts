/** Where a matrix is played: the sandbox's Pinpoint, the subject's destination, a database, and many tenants of one hire. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { openStore, type Store } from '../../src/app/store.ts'
import { type Config, readConfig } from '../../src/config/environment.ts'
import type { Log } from '../../src/observe/log.ts'
import type { RunView } from '../../src/operator/operate.ts'
import type { Integration } from '../../src/sdk/integration.ts'
import { applyDeclaration } from '../../src/tenants/apply.ts'
import { hireEvent, signPinpoint } from '../pinpoint-webhook.ts'
import type { Sandbox } from '../server.ts'
import { loadIntegrations } from './load-integrations.ts'
import type { Arranged, Scenario, Subject } from './subject.ts'
import { hiredLongAgo, letSweepCome } from './sweeps.ts'
import { openUnreliableNetwork, type UnreliableNetwork } from './unreliable-network.ts'
import { until } from './until.ts'

export interface Hire extends Arranged {
  readonly scenario: Scenario
  readonly body: string
}

export interface Stage {
  readonly subject: Subject
  readonly integrations: readonly Integration[]
  readonly sandbox: Sandbox
  readonly network: UnreliableNetwork
  readonly store: Store
  readonly config: Config
  readonly env: Readonly<Record<string, string>>
  readonly log: Log
  /** What no output may hold. */
  readonly secrets: ReadonlySet<string>
  /** Every line that was logged in this process. */
  readonly lines: readonly string[]
  /** A tenant for each name, with the subject's connection and one hire. */
  prepare(
    wanted: readonly { readonly account: string; readonly scenario: Scenario }[],
  ): Promise<readonly Hire[]>
  /** Posts the webhook as Pinpoint does: again until it is acknowledged. Where it never comes: lets a sweep come. */
  deliver(hire: Hire, url: () => string): Promise<void>
  runs(account: string): Promise<readonly RunView[]>
  close(): Promise<void>
}

const signingSecret = `signing-${randomBytes(12).toString('hex')}`
const person = { firstName: 'Zebulon', lastName: 'Quagmire' }

export async function openStage(subject: Subject, sandbox: Sandbox, databaseUrl: string): Promise<Stage> {
  const dataDir = await mkdtemp(join(tmpdir(), 'crash-matrix-'))
  const env = {
    DATABASE_URL: databaseUrl,
    DATA_DIR: dataDir,
    PORT: '0',
    ENCRYPTION_KEYS: `test:${randomBytes(32).toString('base64')}`,
    DANGEROUS_ALLOW_PRIVATE_NETWORK: 'true',
    SHUTDOWN_GRACE_SECONDS: '5',
    LOG_LEVEL: 'debug',
    // Several matrices share a server, and every slot brings connections.
    WORKER_CONCURRENCY: '6',
  }
  const config = readConfig(env)
  const lines: string[] = []
  const log = collectingLog(lines)
  const secrets = new Set([signingSecret, ...Object.values(person), 'pinpoint-files/'])
  const integrations = await loadIntegrations(subject.module)
  const network = await openUnreliableNetwork()
  const store = await openStore(config, { log })
  const tools = { subject, integrations, sandbox, network, store, secrets }
  return {
    ...tools,
    config,
    env,
    log,
    lines,
    prepare: (wanted) => prepare(tools, wanted),
    async deliver(hire, url) {
      const { through } = hire.scenario
      if (through !== undefined) return letSweepCome(store, hire.account, through)
      await until(`hire of ${hire.account} to be acknowledged`, () => acknowledged(hire, url()))
    },
    runs: (account) => store.runs.listRuns({ tenant: account, limit: 10 }),
    async close() {
      await store.close()
      await network.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

type Tools = Pick<Stage, 'subject' | 'integrations' | 'sandbox' | 'network' | 'store'> & {
  readonly secrets: Set<string>
}

async function prepare(tools: Tools, wanted: Parameters<Stage['prepare']>[0]): Promise<readonly Hire[]> {
  const { store, integrations } = tools
  const hires: Hire[] = []
  const tenants: object[] = []
  for (const { account, scenario } of wanted) {
    const { hire, tenant } = await prepareOne(tools, account, scenario)
    hires.push(hire)
    tenants.push(tenant)
  }
  await applyDeclaration(
    { store: store.declarations, integrations, variables: {} },
    JSON.stringify({ tenants }),
  )
  return hires
}

async function prepareOne(
  { subject, sandbox, network, secrets }: Tools,
  account: string,
  scenario: Scenario,
) {
  const apiKey = `key-${randomBytes(12).toString('hex')}`
  const email = `${person.firstName}.${person.lastName}@${account}.example.com`.toLowerCase()
  const through = (url: string) => network.through(account, url)
  sandbox.pinpoint.addTenant({ subdomain: account, apiKey })
  const missed = scenario.through === undefined ? {} : hiredLongAgo()
  const seed = { ...person, email, ...missed, ...scenario.hire, tenant: account }
  const { id, job } = sandbox.pinpoint.addApplication(seed)
  const connection = await subject.account({ name: account, through })
  for (const text of [apiKey, email, ...Object.values(connection.secrets)]) secrets.add(text)
  const body = scenario.body ?? hireEvent(id, job.id)
  const hire: Hire = { account, scenario, application: id, email, sandbox, body }
  scenario.arrange?.(hire)
  return {
    hire,
    tenant: {
      slug: account,
      // Whatever is lost must be found by what lost it, not by a sweep: they come only where they are meant to.
      sweep: 'off',
      pinpoint: {
        apiUrl: through(sandbox.pinpointUrlOf(account)),
        apiKey,
        signingSecrets: [signingSecret],
      },
      connections: [
        { integration: subject.integration, enabled: true, ...connection, ...scenario.connection },
      ],
    },
  }
}

async function acknowledged({ account, body }: Hire, url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/webhooks/pinpoint/${account}`, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'PINPOINT-HMAC-SHA256': signPinpoint(signingSecret, body),
      },
    })
    await response.arrayBuffer()
    return response.status === 200
  } catch (error) {
    // The process was killed with the request in its hands.
    if (error instanceof TypeError) return false
    throw error
  }
}

function collectingLog(lines: string[]): Log {
  const write = (fields: object, message: string) =>
    void lines.push(JSON.stringify({ ...fields, msg: message }))
  return { debug: write, info: write, warn: write, error: write }
}
