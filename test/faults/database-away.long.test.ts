/** Deliveries while the database is away: nothing is claimed that is not stored, and every answer comes in time. */
import type pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { hireEvent } from '../../sandbox/index.ts'
import { openPool } from '../../src/postgres/database.ts'
import { expectExactly } from '../support/oracle.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { type ServiceProcess, startServiceProcess } from '../support/service-process.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

let server: PostgresServer
let world: World
let service: ServiceProcess

beforeEach(async () => {
  server = await startPostgres()
  world = await openWorld({ service: false, database: { url: server.url, drop: async () => {} } })
  service = await startServiceProcess(world.env)
})
afterEach(async () => {
  const exit = await service.stop()
  await world.close()
  await server.close()
  // It lived until it was asked to end, and ended well.
  expect(exit).toBe(0)
  expect(service.output()).not.toMatch(/unhandled|uncaught/i)
})

interface Answer {
  readonly status: number
  readonly retryAfter: string | null
  readonly body: Readonly<Record<string, unknown>>
  readonly seconds: number
}

function newHire(person: string): string {
  const { id, job } = world.sandbox.pinpoint.addApplication({ email: `${person}@example.com` })
  return hireEvent(id, job.id)
}

async function send(body: string): Promise<Answer> {
  const before = performance.now()
  const response = await world.send(body, { url: service.url })
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    body: (await response.json()) as Record<string, unknown>,
    seconds: (performance.now() - before) / 1000,
  }
}

async function get(path: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`${service.url}${path}`)
  return { status: response.status, text: await response.text() }
}

const ready = () => until('the service to be ready again', async () => (await get('/readyz')).status === 200)

async function eventsStored(): Promise<number> {
  const [row] = await server.admin('select count(*) as count from events')
  return Number(row?.['count'])
}

/** Lines of its log with this message. */
function told(message: string): readonly string[] {
  return service
    .output()
    .split('\n')
    .filter((line) => line.includes(`"msg":"${message}"`))
}

describe('a database that was stopped', () => {
  it('means 503 with Retry-After, and each delivery is one event once it was sent again', async () => {
    const kept = newHire('kept')
    expect(await send(kept)).toMatchObject({ status: 200, body: { duplicate: false, runs: 1 } })
    await world.settled(1)
    const refused = Array.from({ length: 20 }, (_, index) => newHire(`person-${index}`))

    await server.stop()
    const answers = await Promise.all(refused.map(send))
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 503, retryAfter: '5', body: { error: 'not_stored' } })
      expect(answer.seconds).toBeLessThan(5)
    }
    expect(await get('/readyz')).toMatchObject({ status: 503 })
    expect(await get('/healthz')).toMatchObject({ status: 200 })
    expect(told('deliveries cannot be stored')).toHaveLength(1)

    await server.start()
    await ready()
    expect(await eventsStored()).toBe(1)
    for (const body of refused) {
      expect(await send(body)).toMatchObject({ status: 200, body: { duplicate: false, runs: 1 } })
      expect(await send(body)).toMatchObject({ status: 200, body: { duplicate: true, runs: 0 } })
    }
    expect(await send(kept)).toMatchObject({ status: 200, body: { duplicate: true, runs: 0 } })
    expect(told('deliveries are stored again')).toHaveLength(1)
    await world.settled(21)
    expect(await eventsStored()).toBe(21)
    expectExactly(world, 21)
  }, 90_000)
})

describe('a database that hangs', () => {
  it('means 503 before the sender gives up; what landed all the same is a duplicate afterwards', async () => {
    await send(newHire('first'))
    await world.settled(1)
    const body = newHire('hanging')
    await server.freeze()
    const answer = await send(body)
    expect(answer).toMatchObject({ status: 503, retryAfter: '5' })
    expect(answer.seconds).toBeLessThan(5)
    const readiness = await get('/readyz')
    expect(readiness.status).toBe(503)
    expect(await get('/healthz')).toMatchObject({ status: 200 })
    await server.thaw()
    await ready()
    expect(await send(body)).toMatchObject({ status: 200 })
    expect(await send(body)).toMatchObject({ status: 200, body: { duplicate: true } })
    expect(await eventsStored()).toBe(2)
    await world.settled(2)
    expectExactly(world, 2)
  }, 90_000)

  it('and commits after all: the delivery sent again is a duplicate and nothing is done twice', async () => {
    // The commit waits on a deferred trigger until the test lets it go, after its sender was told 503.
    await server.admin(`create function hold() returns trigger language plpgsql as
      $$ begin perform pg_advisory_xact_lock(1); return null; end $$`)
    await server.admin(`create constraint trigger hold after insert on events
      deferrable initially deferred for each row execute function hold()`)
    const holder = await holdLock()
    const body = newHire('late')
    const answer = await send(body)
    expect(answer).toMatchObject({ status: 503, retryAfter: '5' })
    expect(answer.seconds).toBeLessThan(5)
    await holder.release()
    await until('the late commit', async () => (await eventsStored()) === 1)
    expect(await send(body)).toMatchObject({ status: 200, body: { duplicate: true, runs: 0 } })
    expect(await world.settled(1)).toMatchObject([{ state: 'done' }])
    expectExactly(world, 1)
  }, 60_000)
})

async function holdLock() {
  const client = await world.store.database.pool.connect()
  await client.query('select pg_advisory_lock(1)')
  return {
    release: async () => {
      await client.query('select pg_advisory_unlock(1)')
      client.release()
    },
  }
}

describe('a database that takes nothing', () => {
  it('because it is read-only: 503, told once, and /readyz says so', async () => {
    await server.admin(`alter system set default_transaction_read_only = on`)
    await server.admin('select pg_reload_conf()')
    await until('the reload', async () => (await get('/readyz')).status === 503)
    const bodies = ['ada', 'grace', 'joan'].map(newHire)
    for (const body of bodies) expect(await send(body)).toMatchObject({ status: 503, retryAfter: '5' })
    expect((await get('/readyz')).text).toContain('The database takes no writes: it is read-only.')
    const lines = told('deliveries cannot be stored')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain('store.database_read_only')
    await server.admin('alter system reset default_transaction_read_only')
    await server.admin('select pg_reload_conf()')
    await ready()
    for (const body of bodies)
      expect(await send(body)).toMatchObject({ status: 200, body: { duplicate: false } })
    await world.settled(3)
    expectExactly(world, 3)
  }, 60_000)

  it('because its disk is full: 503, told once, and /readyz says so until it has room again', async () => {
    // The SQLSTATE of a full disk, where the server would give it: at the insert.
    await server.admin(`create function full_disk() returns trigger language plpgsql as
      $$ begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$`)
    await server.admin('create trigger full_disk before insert on events execute function full_disk()')
    const bodies = ['ada', 'grace', 'joan'].map(newHire)
    for (const body of bodies) expect(await send(body)).toMatchObject({ status: 503, retryAfter: '5' })
    expect(await get('/readyz')).toMatchObject({
      status: 503,
      text: expect.stringContaining('The database has no room left on its disk.') as string,
    })
    expect(told('deliveries cannot be stored')).toHaveLength(1)
    await server.admin('drop trigger full_disk on events')
    for (const body of bodies)
      expect(await send(body)).toMatchObject({ status: 200, body: { duplicate: false } })
    expect(await get('/readyz')).toMatchObject({ status: 200 })
    await world.settled(3)
    expectExactly(world, 3)
  }, 60_000)
})

describe('a database whose connections are all taken', () => {
  it('means 503, not a crash; afterwards every delivery is one event', async () => {
    const bodies: string[] = []
    const taken = openPool(server.url, 200)
    taken.on('error', () => {})
    const held: pg.PoolClient[] = []
    // Whoever connects first gets a connection that was ended: we are many, so in the end they are all ours.
    await until('a delivery to be refused', async () => {
      await takeAll(taken, held)
      await held[0]?.query(`select pg_terminate_backend(pid) from pg_stat_activity
        where application_name like 'pinpoint-webhooks%' and pid <> pg_backend_pid() and query not like '%taken%'`)
      await takeAll(taken, held)
      const body = newHire(`person-${bodies.length}`)
      bodies.push(body)
      return (await send(body)).status === 503
    })
    expect((await get('/readyz')).status).toBe(503)
    for (const client of held) client.release(true)
    await taken.end()
    await ready()
    for (const body of bodies) expect(await send(body)).toMatchObject({ status: 200 })
    for (const body of bodies)
      expect(await send(body)).toMatchObject({ status: 200, body: { duplicate: true } })
    await world.settled(bodies.length)
    expectExactly(world, bodies.length)
  }, 60_000)
})

/** Connects until the server has no connection left. */
async function takeAll(pool: pg.Pool, held: pg.PoolClient[]): Promise<void> {
  for (;;) {
    try {
      const client = await pool.connect()
      held.push(client)
      await client.query(`select 'taken'`)
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === '53300') return
      throw error
    }
  }
}
