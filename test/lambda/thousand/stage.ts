/** What the scenario is played on: a sandbox, a PostgreSQL, one tenant, the bundle as it is deployed, and a fake AWS. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { type Sandbox, startSandbox } from '../../../sandbox/index.ts'
import { bundleLambda } from '../../../scripts/bundle-lambda.ts'
import { openStore, type Store } from '../../../src/app/store.ts'
import { readConfig } from '../../../src/config/environment.ts'
import { integrations } from '../../../src/integrations/registry.ts'
import { silentLog } from '../../../src/observe/log.ts'
import { applyDeclaration } from '../../../src/tenants/apply.ts'
import { hibobTenant } from '../../support/hibob-tenant.ts'
import { startPostgres } from '../../support/postgres-server.ts'
import { signingSecret } from '../events.ts'
import { type FakeAws, startFakeAws } from '../fake-aws.ts'
import { functionStarter } from '../start-function.ts'

export interface Stage {
  readonly sandbox: Sandbox
  readonly store: Store
  readonly aws: FakeAws
  readonly start: ReturnType<typeof functionStarter>
  /** What nothing may write. */
  readonly secrets: readonly string[]
  close(): Promise<void>
}

export async function openStage(program: string): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'pinpoint-webhooks-thousand-'))
  const taskRoot = join(folder, 'task')
  await bundleLambda(taskRoot)
  const postgres = await startPostgres()
  const key = randomBytes(32).toString('base64')
  const env = {
    DATABASE_URL: postgres.url,
    DATA_DIR: folder,
    ENCRYPTION_KEYS: `test:${key}`,
    DANGEROUS_ALLOW_PRIVATE_NETWORK: 'true',
  }
  const sandbox = await startSandbox()
  slowAnswers(sandbox)
  const store = await openStore(readConfig(env), { log: silentLog })
  await applyDeclaration(
    { store: store.declarations, integrations, variables: {} },
    JSON.stringify(declaration(sandbox)),
  )
  const aws = await startFakeAws()
  aws.secrets.set('arn:database', env.DATABASE_URL)
  aws.secrets.set('arn:keys', env.ENCRYPTION_KEYS)
  return {
    sandbox,
    store,
    aws,
    start: functionStarter({ program, taskRoot, aws }),
    secrets: [key, signingSecret, '@example.com', 'postgresql://'],
    async close() {
      await aws.close()
      await store.close()
      await sandbox.close()
      await postgres.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** What `slowAnswers` makes of the eleven calls of a run. */
export const runMilliseconds = 1_390

/** As from far away, half on the way there and half on the way back, and longest where something is made: kills meet that. */
function slowAnswers({ faults }: Sandbox): void {
  const slow = (system: 'pinpoint' | 'hibob' | 'files', delayMs: number, operation?: string) => {
    faults.add({ system, operation, every: 2, effect: { delayMs } })
    faults.add({ system, operation, every: 1, effect: { delayMs, at: 'after' } })
  }
  slow('hibob', 250, 'people.create')
  slow('hibob', 250, 'docs.upload')
  slow('pinpoint', 250, 'comments.create')
  slow('hibob', 80)
  slow('pinpoint', 80)
  slow('files', 80)
}

/** A create that was cut off by a kill is waited out for thirty seconds all the same. */
function declaration(sandbox: Sandbox) {
  const settings = { readLagSeconds: 0 }
  return { tenants: [hibobTenant(sandbox, { signingSecrets: [signingSecret], settings })] }
}
