// What 0.1.0 leaves behind, in a database and in a data folder: this version goes on with it, and a replay of all makes nothing twice.
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'

import type pg from 'pg'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'

import { type FaultRule, hireEvent, type Sandbox, signPinpoint, startSandbox } from '../../sandbox/index.ts'
import type { ApplicationSeed } from '../../sandbox/pinpoint/seed.ts'
import { openStore } from '../../src/app/store.ts'
import { Refused } from '../../src/base/failure.ts'
import { readConfig } from '../../src/config/environment.ts'
import { handling } from '../../src/integrations/registry.ts'
import { silentLog } from '../../src/observe/log.ts'
import { replayEvent, resumeRun } from '../../src/operator/operate.ts'
import { openPool } from '../../src/postgres/database.ts'
import { runCommand, runJson } from '../support/command.ts'
import { freshDatabase } from '../support/database.ts'
import { hibobTenant } from '../support/hibob-tenant.ts'
import { embeddedUrl } from '../support/installation.ts'
import { checkOut, stateBefore } from '../support/previous-release.ts'
import { type ServiceProcess, startServiceProcess } from '../support/service-process.ts'
import { until } from '../support/until.ts'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 })

/** One hire, in a tenant of its own: how 0.1.0 leaves its run, and what mends it. */
interface Left {
  readonly tenant: string
  readonly state: string
  readonly resumesOn?: string
  readonly seed?: ApplicationSeed
  readonly settings?: object
  readonly arrange?: (sandbox: Sandbox) => void
  readonly mend?: (sandbox: Sandbox, application: string) => void
}

const email = 'ada@example.com'
const fault = (account: string, operation: string, effect: FaultRule['effect']) => (sandbox: Sandbox) =>
  void sandbox.faults.add({ system: 'hibob', account, operation, times: 'always', effect })

const left: readonly Left[] = [
  { tenant: 'finished', state: 'done' },
  {
    tenant: 'record',
    state: 'parked',
    resumesOn: 'record',
    seed: { startOn: null, offers: [] },
    mend: ({ pinpoint }, id) => void pinpoint.changeApplication(id, { startOn: '2026-09-01' }, 'record'),
  },
  {
    tenant: 'connection',
    state: 'parked',
    resumesOn: 'connection',
    settings: { site: 'Moon Base' },
    mend: ({ hibob }) => void hibob.configure('connection', { sites: ['Moon Base'] }),
  },
  {
    tenant: 'person',
    state: 'parked',
    resumesOn: 'person',
    arrange: ({ hibob }) => void hibob.addEmployee({ company: 'person', email, status: 'Inactive' }),
    mend({ hibob }) {
      for (const { id } of hibob.withEmail('person', email)) hibob.setStatus(id, 'Active')
    },
  },
  { tenant: 'waiting', state: 'waiting', arrange: fault('waiting', 'people.search', { status: 503 }) },
  { tenant: 'unclear', state: 'waiting', arrange: fault('unclear', 'people.create', { cut: 'before' }) },
  { tenant: 'running', state: 'running', arrange: fault('running', 'people.create', { hold: 'after' }) },
]

const release = stateBefore('0009_what_answers_mean')
let folder: string
const old = () => join(folder, '0.1.0')
const closing: (() => unknown)[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinpoint-webhooks-upgrade-'))
  if (release !== undefined) await checkOut(release, old())
})
afterAll(async () => {
  for (const close of closing.reverse()) await close()
  await rm(folder, { recursive: true, force: true })
})

const places = {
  'a database': async () => {
    const database = await freshDatabase({ empty: true })
    closing.push(() => database.drop())
    return { env: { DATABASE_URL: database.url }, url: async () => database.url, owner: 'postgres' }
  },
  // H4: no longer the superuser's.
  'a data folder': async () => ({
    env: {},
    url: () => embeddedUrl(join(folder, 'a data folder')),
    owner: 'pinpoint_webhooks',
  }),
} as const

it.skipIf(release === undefined).concurrent.each(Object.entries(places))(
  'done, waiting and parked runs of 0.1.0 in %s go on, and a replay of all makes nothing twice',
  async (name, open) => {
    const { env: place, url, owner } = await open()
    const env = {
      DATA_DIR: join(folder, name),
      PORT: '0',
      ENCRYPTION_KEYS: `test:${randomBytes(32).toString('base64')}`,
      DANGEROUS_ALLOW_PRIVATE_NETWORK: 'true',
      SHUTDOWN_GRACE_SECONDS: '1',
      ...place,
    }
    const sandbox = await openDestinations()
    const applications = await leaveBehind(sandbox, env, url)

    const service = await startServiceProcess(env)
    closing.push(() => service.stop())
    const store = await openStore(readConfig(env), { log: silentLog })
    closing.push(() => store.close())
    const runs = () => store.runs.listRuns({ limit: 1000 })
    const done = (count: number) =>
      until(
        `${count} runs to be done`,
        async () => {
          const all = await runs()
          return all.length === count && all.every(({ state }) => state === 'done')
        },
        60,
      )
    // Nothing of it is lost, and what is parked says why, as before.
    const before = new Map((await runs()).map((run) => [run.tenant, run]))
    for (const { tenant, resumesOn } of left.filter(({ state }) => state === 'parked'))
      expect(before.get(tenant)).toMatchObject({
        state: 'parked',
        resumesOn,
        reason: expect.any(String) as string,
      })

    for (const { tenant, mend } of left) mend?.(sandbox, applications.get(tenant) ?? '')
    for (const { id, state } of await runs())
      if (state === 'parked') await resumeRun(store.runs, id)
      else if (state === 'waiting') await resumeRun(store.runs, id).catch(unlessItGoesOn)
    await done(left.length)
    expectOneOfEach(sandbox)

    for (const { id } of await store.runs.listEvents({ limit: 1000 }))
      await replayEvent(store.runs, id, { event: handling })
    await done(2 * left.length)
    expectOneOfEach(sandbox)
    expect(await runJson(['doctor'], { env })).toMatchObject({ code: 0, data: { ok: true } })
    expect(await ownerIn(await url())).toBe(owner)
  },
)

/** What waits may begin by itself in the same moment. */
function unlessItGoesOn(error: unknown): void {
  if (!(error instanceof Refused) || error.code !== 'runs.not_resumable') throw error
}

const signingSecret = 'test_signing_secret'

async function openDestinations(): Promise<Sandbox> {
  const sandbox = await startSandbox()
  closing.push(() => sandbox.close())
  for (const { tenant, arrange } of left) {
    sandbox.pinpoint.addTenant({ subdomain: tenant })
    sandbox.hibob.addCompany({ name: tenant, serviceUserId: `SERVICE-${tenant}` })
    arrange?.(sandbox)
  }
  return sandbox
}

/** By its own means 0.1.0 makes its tables and works, until it is killed. Gives the application of each tenant. */
async function leaveBehind(
  sandbox: Sandbox,
  env: Readonly<Record<string, string>>,
  url: () => Promise<string>,
): Promise<ReadonlyMap<string, string>> {
  const tenants = left.map(({ tenant, settings }) => ({
    ...hibobTenant(sandbox, {
      slug: tenant,
      signingSecrets: [signingSecret],
      settings: { readLagSeconds: 0, ...settings },
    }),
    sweep: 'off',
  }))
  const applied = await runCommand(['apply', '-'], {
    env,
    input: JSON.stringify({ tenants }),
    checkout: old(),
  })
  expect(applied.code, applied.stderr).toBe(0)
  const service = await startServiceProcess(env, { checkout: old() })
  closing.push(() => service.kill())
  const applications = new Map<string, string>()
  for (const { tenant, seed } of left)
    applications.set(tenant, await sendHire(sandbox, service, { ...seed, tenant }))

  const pool = openPool(await url(), 1)
  try {
    const wanted = Object.fromEntries(left.map(({ tenant, state }) => [tenant, state]))
    await until(
      '0.1.0 to have come so far',
      async () => {
        expect(service.output()).not.toMatch(/"level":60/)
        return (
          isDeepStrictEqual(await statesIn(pool), wanted) &&
          sandbox.faults.list().every(({ fired }) => fired > 0)
        )
      },
      60,
    )
    await service.kill()
    // The next one need not wait for a call that may still land.
    await pool.query(`update effects set attempted_at = attempted_at - interval '1 minute'`)
  } finally {
    await pool.end()
  }
  sandbox.faults.clear()
  return applications
}

async function ownerIn(url: string): Promise<string> {
  const pool = openPool(url, 1)
  const { rows } = await pool
    .query<{ owners: string }>(
      `select string_agg(distinct tableowner, ',') as owners from pg_tables where schemaname in ('public', 'pgboss')`,
    )
    .finally(() => pool.end())
  return rows[0]?.owners ?? ''
}

async function statesIn(pool: pg.Pool): Promise<object> {
  const { rows } = await pool.query<{ slug: string; state: string }>(
    'select slug, state from runs join tenants on tenants.id = tenant_id order by slug',
  )
  return Object.fromEntries(rows.map(({ slug, state }) => [slug, state]))
}

async function sendHire(sandbox: Sandbox, { url }: ServiceProcess, seed: ApplicationSeed): Promise<string> {
  const { id, job, tenant } = sandbox.pinpoint.addApplication({ email, ...seed })
  const body = hireEvent(id, job.id)
  const response = await fetch(`${url}/webhooks/pinpoint/${tenant}`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'PINPOINT-HMAC-SHA256': signPinpoint(signingSecret, body),
    },
  })
  expect(response.status).toBe(200)
  return id
}

function expectOneOfEach(sandbox: Sandbox): void {
  const { employees, documents, comments, wrongPerson, counts } = sandbox.ledger()
  for (const { tenant } of left) {
    const made = [employees, documents].map((all) => all.filter(({ company }) => company === tenant).length)
    expect([tenant, ...made, comments.filter((one) => one.tenant === tenant).length]).toEqual([
      tenant,
      1,
      1,
      1,
    ])
  }
  expect([wrongPerson, counts.leaks]).toEqual([{ employees: [], documents: [], comments: [] }, 0])
}
