// The service through a real PgBouncer in transaction mode, with fewer connections than it would like to have.
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'

import { describe, expect, it, type TestContext, vi } from 'vitest'

import { hireEvent, signPinpoint } from '../../sandbox/index.ts'
import { openPool } from '../../src/postgres/database.ts'
import { runJson } from '../support/command.ts'
import { freshDatabase } from '../support/database.ts'
import { expectExactly } from '../support/oracle.ts'
import { pgbouncerVersion, startPgbouncer } from '../support/pgbouncer.ts'
import { resumeCrashed } from '../support/resume-crashed.ts'
import { sendAll } from '../support/send-all.ts'
import { type ServiceProcess, startServiceProcess } from '../support/service-process.ts'
import { until } from '../support/until.ts'
import { openWorld } from '../support/world.ts'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 60_000 })

const hires = 50
const kills = 5
const poolSize = 2

const installed = pgbouncerVersion() !== undefined

describe.skipIf(!installed).concurrent('Behind PgBouncer in transaction mode', () => {
  it('two processes start at the same moment on an empty database, and doctor tells whether wake-ups arrive, and of a pooler that nobody has named', async ({
    onTestFinished: atEnd,
  }) => {
    const database = await freshDatabase({ empty: true })
    atEnd(() => database.drop())
    const bounced = await bounce(database.url, atEnd)
    const keys = `test:${randomBytes(32).toString('base64')}`
    const env = { ENCRYPTION_KEYS: keys, DATA_DIR: tmpdir(), PORT: '0', ...bounced.env }
    await Promise.all([start(env, atEnd), start(env, atEnd)])

    expect(await runJson(['doctor'], { env })).toMatchObject({ code: 0, data: { ok: true } })
    const { DATABASE_DIRECT_URL: _none, ...untold } = env
    for (const [what, more] of [
      ['Notifications', { DATABASE_POOLED: 'true' }],
      ['Connection', {}],
    ] as const) {
      const { code, data } = await runJson(['doctor'], { env: { ...untold, ...more } })
      expect(code).toBe(2)
      const { findings } = data as { readonly findings: readonly { readonly ok: boolean }[] }
      expect(findings.filter(({ ok }) => !ok)).toMatchObject([
        { what, because: expect.stringContaining('DATABASE_DIRECT_URL') as string },
      ])
    }
  })

  it('two processes do fifty hires exactly once while they are killed, in no more connections than the pool has', async ({
    onTestFinished: atEnd,
  }) => {
    // Of its own: the sessions of one that is lent stay when their client has gone.
    const database = await freshDatabase({ lent: false })
    const world = await openWorld({ service: false, database, hibob: { readLagSeconds: 0 } })
    atEnd(() => world.close())
    const bounced = await bounce(world.env['DATABASE_URL'] ?? '', atEnd)
    const env = { ...world.env, ...bounced.env }
    const running = await Promise.all([start(env, atEnd), start(env, atEnd)])
    world.sandbox.faults.add({ system: 'hibob', every: 1, effect: { delayMs: 15 } })

    const counted = new Set<number>()
    let watching = true
    const watched = until(
      'the end of the hires',
      async () => {
        counted.add(await bounced.connections())
        return !watching
      },
      300,
    )
    atEnd(async () => {
      watching = false
      await watched
    })
    const bodies = Array.from({ length: hires }, (_, index) => {
      const { id, job } = world.sandbox.pinpoint.addApplication({ email: `person-${index}@example.com` })
      return hireEvent(id, job.id)
    })
    let sent = 0
    const sending = sendAll(world, bodies, () => running[sent++ % running.length]?.url ?? '')
    for (let kill = 0; kill < kills; kill++) {
      const wanted = ((kill + 1) * hires) / (kills + 1)
      await until(`${wanted} employees`, () => world.sandbox.ledger().counts.employees >= wanted, 60)
      await running[kill % running.length]?.kill()
      running[kill % running.length] = await start(env, atEnd)
    }
    await sending
    await world.settled(hires, 180)
    await resumeCrashed(world.store)
    const runs = await world.settled(hires)
    watching = false
    await watched
    expect(runs).toHaveLength(hires)
    expect(runs.filter(({ state }) => state !== 'done')).toEqual([])
    expectExactly(world, hires)
    expect(Math.max(...counted)).toBe(poolSize)
  })

  it('a change is known to every process at once, as notifications arrive on the direct connection', async ({
    onTestFinished: atEnd,
  }) => {
    const world = await openWorld({ service: false, database: await freshDatabase({ lent: false }) })
    atEnd(() => world.close())
    const bounced = await bounce(world.env['DATABASE_URL'] ?? '', atEnd)
    const env = { ...world.env, ...bounced.env, ROLE: 'intake' }
    const running = await Promise.all([start(env, atEnd), start(env, atEnd)])
    const body = () => {
      const { id, job } = world.sandbox.pinpoint.addApplication({})
      return hireEvent(id, job.id)
    }
    // What was just read counts for five seconds, unless it is told of a change; an unknown tenant has it read.
    for (const { url } of running)
      expect((await fetch(`${url}/webhooks/pinpoint/nobody`, { method: 'POST', body: '{}' })).status).toBe(
        401,
      )
    const secret = 'another_signing_secret'
    await world.apply({ signingSecrets: [secret] })
    const changedAt = performance.now()
    for (const { url } of running)
      await until('the new secret to count', async () => {
        const text = body()
        return (await world.send(text, { url, signature: signPinpoint(secret, text) })).status === 200
      })
    expect(performance.now() - changedAt).toBeLessThan(2500)
  })
})

/** What a test has opened is closed when it has ended, the last one first. */
type AtEnd = TestContext['onTestFinished']

async function start(env: Readonly<Record<string, string>>, atEnd: AtEnd): Promise<ServiceProcess> {
  const service = await startServiceProcess(env)
  atEnd(() => service.kill())
  return service
}

/** In front of this database, with a user of its own there, by which its connections are told from others. */
async function bounce(databaseUrl: string, atEnd: AtEnd) {
  const user = `bouncer_${randomBytes(6).toString('hex')}`
  const admin = openPool(databaseUrl, 1)
  await admin.query(`create role ${user} login superuser password 'bouncing'`)
  const url = new URL(databaseUrl)
  url.username = user
  url.password = 'bouncing'
  const bouncer = await startPgbouncer(url.href, { poolSize })
  atEnd(async () => {
    await bouncer.close()
    await until('its connections to be closed', async () => (await connectionsOf(admin, user)) === 0)
    await admin.query(`reassign owned by ${user} to current_user; drop owned by ${user}; drop role ${user}`)
    await admin.end()
  })
  return {
    connections: () => bouncer.connections(),
    env: { DATABASE_URL: bouncer.url, DATABASE_DIRECT_URL: databaseUrl },
  }
}

async function connectionsOf(admin: ReturnType<typeof openPool>, user: string): Promise<number> {
  const { rows } = await admin.query<{ count: number }>(
    'select count(*) from pg_stat_activity where usename = $1',
    [user],
  )
  return rows[0]?.count ?? 0
}
