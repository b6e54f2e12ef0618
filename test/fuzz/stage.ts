/** What a fuzzing is played on: two tenants without connections, and a service process that only takes webhooks. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { quarantineToAdmit } from '../../src/app/operator.ts'
import { openStore } from '../../src/app/store.ts'
import { readConfig } from '../../src/config/environment.ts'
import { readEvent } from '../../src/intake/read-event.ts'
import { handlers, integrations } from '../../src/integrations/registry.ts'
import { keyed } from '../../src/keys/store/keyed.ts'
import { silentLog } from '../../src/observe/log.ts'
import { openPool } from '../../src/postgres/database.ts'
import { verifyAgain } from '../../src/quarantine/verify-again.ts'
import { applyDeclaration } from '../../src/tenants/apply.ts'
import { type ServiceProcess, startServiceProcess } from '../support/service-process.ts'
import { type Slug, tenants } from './throw.ts'

export interface StoredEvent {
  readonly slug: Slug
  readonly identity: string
  readonly deliveries: number
}

export interface Stage {
  readonly port: number
  readonly service: ServiceProcess
  storedEvents(): Promise<readonly StoredEvent[]>
  /** The identity of a body's event as it is stored, in hexadecimal. */
  readonly identityOf: (body: Buffer) => string
  /** What is in quarantine, and how much of it a tenant's secret verifies all the same. */
  quarantined(): Promise<{ readonly kept: number; readonly verified: number }>
  /** Resident memory of the service, in MiB. */
  residentMiB(): Promise<number>
  close(): Promise<void>
}

export async function openStage(
  databaseUrl: string,
  given: Readonly<Record<string, string>> = {},
): Promise<Stage> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pinpoint-webhooks-fuzz-'))
  const env = {
    DATABASE_URL: databaseUrl,
    DATA_DIR: dataDir,
    PORT: '0',
    ENCRYPTION_KEYS: `fuzz:${randomBytes(32).toString('base64')}`,
    DANGEROUS_ALLOW_PRIVATE_NETWORK: 'true',
    ROLE: 'intake',
    LOG_LEVEL: 'trace',
  }
  const store = await openStore(readConfig(env), { log: silentLog })
  await applyDeclaration(
    { store: store.declarations, integrations, variables: {} },
    JSON.stringify(declaration()),
  )
  const { hashKey } = store
  await store.close()
  const service = await startServiceProcess({ ...env, ...given })
  const pool = openPool(databaseUrl, 1)
  return {
    service,
    port: Number(new URL(service.url).port),
    identityOf: (body) => keyed(hashKey, readEvent(body).identity).toString('hex'),
    async storedEvents() {
      const { rows } = await pool.query<StoredEvent>(
        `select slug, encode(identity, 'hex') as identity, deliveries from events join tenants on tenants.id = tenant_id`,
      )
      return rows
    },
    async quarantined() {
      const { rows } = await pool.query<{ kept: number }>('select count(*) as kept from quarantine')
      const again = await openStore(readConfig(env), { log: silentLog })
      const known = await Promise.all(Object.keys(tenants).map((slug) => again.tenants.open(slug)))
      const { admitted } = await verifyAgain(
        quarantineToAdmit(again, { handlers, log: silentLog }),
        known.filter((one) => one !== undefined),
      )
      await again.close()
      return { kept: rows[0]?.kept ?? 0, verified: admitted.length }
    },
    async residentMiB() {
      const text = await (await fetch(`${service.adminUrl}/metrics`)).text()
      return Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1]) / 2 ** 20
    },
    async close() {
      await service.stop()
      await pool.end()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

function declaration() {
  return {
    tenants: Object.entries(tenants).map(([slug, secret]) => ({
      slug,
      // What is thrown is of any time: none of it is too old to be stored.
      keepFinishedFor: 'forever',
      pinpoint: { apiUrl: 'http://127.0.0.1:1/api/v1', apiKey: 'a-key', signingSecrets: [secret] },
      connections: [],
    })),
  }
}
