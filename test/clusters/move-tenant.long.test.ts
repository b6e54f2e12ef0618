/** Two installations that share nothing, a router by slug in front, and a tenant that is moved as docs/deploy/sizing.md says. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'

import { afterEach, expect, it } from 'vitest'

import { hireEvent } from '../../sandbox/index.ts'
import { startService } from '../../src/app/service.ts'
import { openStore } from '../../src/app/store.ts'
import { readConfig } from '../../src/config/environment.ts'
import { integrations } from '../../src/integrations/registry.ts'
import { silentLog } from '../../src/observe/log.ts'
import { applyDeclaration } from '../../src/tenants/apply.ts'
import { freshDatabase } from '../support/database.ts'
import { hibobTenant } from '../support/hibob-tenant.ts'
import { expectExactly } from '../support/oracle.ts'
import { until } from '../support/until.ts'
import { openWorld, signingSecret, type World } from '../support/world.ts'

const endings: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

it('a tenant is moved to another cluster: what was hired before, told again, is found there and not made twice', async () => {
  const old = await openWorld()
  endings.push(() => old.close())
  const table = new Map<string, string | undefined>([['acme', old.service?.url]])
  const url = await startRouter(table)
  const people = Array.from({ length: 20 }, (_, index) => {
    const { id, job } = old.sandbox.pinpoint.addApplication({ email: `person-${index}@example.com` })
    return hireEvent(id, job.id)
  })
  const before = people.slice(0, 10)
  const send = async (bodies: readonly string[]) =>
    Promise.all(bodies.map(async (body) => (await old.send(body, { url })).status))

  expect(await send(before)).toEqual(before.map(() => 200))
  table.set('acme', undefined)
  expect(await send(people)).toEqual(people.map(() => 503))
  await old.settled(before.length)
  const next = await startCluster(old)
  table.set('acme', next.url)
  // Pinpoint sends again what was answered 503, of which the new cluster knows nothing.
  expect(await send(people)).toEqual(people.map(() => 200))

  await until('all to be done there', async () => {
    const runs = await next.store.runs.listRuns({ limit: 100 })
    return runs.length === people.length && runs.every(({ state }) => state === 'done')
  })
  expectExactly(old, people.length)
  expect(await old.store.runs.listRuns({ limit: 100 })).toHaveLength(before.length)
})

/** By the slug in the path, each body as it came; 503 for a tenant that is being moved. */
async function startRouter(table: ReadonlyMap<string, string | undefined>): Promise<string> {
  const router = createServer((request, response) => {
    void (async () => {
      const [, slug = ''] = /^\/webhooks\/pinpoint\/([^/?]+)/.exec(request.url ?? '') ?? []
      const body = await buffer(request)
      const upstream = table.get(slug)
      if (upstream === undefined) {
        response.writeHead(503, { 'retry-after': '5' }).end()
        return
      }
      const signature = String(request.headers['pinpoint-hmac-sha256'])
      const answer = await fetch(`${upstream}${request.url ?? ''}`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', 'pinpoint-hmac-sha256': signature },
      })
      response.writeHead(answer.status).end(await answer.text())
    })()
  })
  router.listen(0, '127.0.0.1')
  await once(router, 'listening')
  endings.push(() => new Promise((resolve) => router.close(resolve)))
  return `http://127.0.0.1:${(router.address() as AddressInfo).port}`
}

/** Another database, other keys, the same tenant. */
async function startCluster({ sandbox }: World) {
  const database = await freshDatabase()
  endings.push(() => database.drop())
  const dataDir = await mkdtemp(join(tmpdir(), 'pinpoint-webhooks-cluster-'))
  endings.push(() => rm(dataDir, { recursive: true, force: true }))
  const config = readConfig({
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    PORT: '0',
    ENCRYPTION_KEYS: `other:${randomBytes(32).toString('base64')}`,
    DANGEROUS_ALLOW_PRIVATE_NETWORK: 'true',
    SHUTDOWN_GRACE_SECONDS: '5',
  })
  const store = await openStore(config, { log: silentLog })
  endings.push(() => store.close())
  const tenant = hibobTenant(sandbox, { signingSecrets: [signingSecret] })
  await applyDeclaration(
    { store: store.declarations, integrations, variables: {} },
    JSON.stringify({ tenants: [tenant] }),
  )
  const service = await startService(config, silentLog)
  endings.push(() => service.close())
  return { store, url: service.url }
}
