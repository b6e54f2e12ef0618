/** The demo's world: a sandbox, a service of its own on an embedded PostgreSQL, and a sample tenant that joins them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { type Sandbox, startSandbox } from '../../../sandbox/index.ts'
import { type Service, startService } from '../../app/service.ts'
import { openStore, type Store } from '../../app/store.ts'
import type { Config } from '../../config/environment.ts'
import { integrations } from '../../integrations/registry.ts'
import { loadEncryptionKeys } from '../../keys/encryption-keys.ts'
import type { Log } from '../../observe/log.ts'
import { applyDeclaration } from '../../tenants/apply.ts'

export interface Scenario {
  readonly sandbox: Sandbox
  readonly service: Service
  readonly store: Store
  readonly dataDir: string
  readonly signingSecret: string
  close(): Promise<void>
}

const signingSecret = 'demo-signing-secret'

export async function openScenario(config: Config, log: Log): Promise<Scenario> {
  // What is open closes again where a later part cannot be opened.
  await using opened = new AsyncDisposableStack()
  const dataDir = opened.adopt(await mkdtemp(join(tmpdir(), 'pinpoint-webhooks-demo-')), (folder) =>
    rm(folder, { recursive: true, force: true }),
  )
  const demo = {
    ...config,
    dataDir,
    databaseUrl: undefined,
    databaseDirectUrl: undefined,
    databasePooled: false,
    port: 0,
    adminPort: 0,
    allowPrivateNetwork: true,
    // Everything that the demo calls is on this machine.
    proxies: undefined,
    role: 'all',
  } as const
  // Before the service does, which would warn that the key must be backed up: this one ends with its folder.
  await loadEncryptionKeys(demo, () => {})
  const sandbox = opened.adopt(await startSandbox(), (one) => one.close())
  const store = opened.adopt(await openStore(demo, { log }), (one) => one.close())
  await applyDeclaration(
    { store: store.declarations, integrations, variables: variablesOf(sandbox) },
    sampleTenant(sandbox),
  )
  const service = opened.adopt(await startService(demo, log), (one) => one.close())
  const open = opened.move()
  return { sandbox, service, store, dataDir, signingSecret, close: () => open.disposeAsync() }
}

/** As a real tenant would be declared, but for the addresses. */
const sampleTenant = ({ pinpointUrl, hibobUrl, receiverUrl }: Sandbox) => `
tenants:
  - slug: acme
    pinpoint:
      apiUrl: ${pinpointUrl}
      apiKey: \${PINPOINT_API_KEY}
      signingSecrets: ["\${SIGNING_SECRET}"]
    connections:
      - integration: hibob
        enabled: true
        secrets: { serviceUserId: "\${BOB_ID}", serviceUserToken: "\${BOB_TOKEN}" }
        settings: { site: New York (Demo), documents: shared, apiUrl: "${hibobUrl}" }
      - integration: webhook
        enabled: true
        secrets: { signingSecret: "\${RECEIVER_SECRET}" }
        settings: { url: "${receiverUrl}" }
`

function variablesOf({ pinpoint, hibob, receivers }: Sandbox): Record<string, string | undefined> {
  const company = hibob.company('acme')
  return {
    PINPOINT_API_KEY: pinpoint.tenant('acme')?.apiKey,
    SIGNING_SECRET: signingSecret,
    BOB_ID: company?.serviceUserId,
    BOB_TOKEN: company?.serviceUserToken,
    RECEIVER_SECRET: receivers.receiver('default')?.secret,
  }
}
