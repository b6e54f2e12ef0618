/** A database that is killed, restarted or cut off while a hundred hires are under way: nothing is lost, nothing twice. */
import { afterEach, describe, expect, it } from 'vitest'

import { hireEvent } from '../../sandbox/index.ts'
import { expectExactly } from '../support/oracle.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { type ServiceProcess, startServiceProcess } from '../support/service-process.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

const hires = 100
let server: PostgresServer
let world: World
let service: ServiceProcess

afterEach(async () => {
  const exit = await service.stop()
  await world.close()
  await server.close()
  // It lived until it was asked to end, and ended well.
  expect(exit).toBe(0)
  expect(service.output()).not.toMatch(/unhandled|uncaught/i)
})

type Accident = () => Promise<void>

const accidents: readonly (readonly [string, Accident])[] = [
  [
    'its postmaster is killed three times (SIGKILL)',
    async () => {
      for (const share of [0.1, 0.35, 0.6]) {
        await doneIs(share)
        await server.kill()
        await server.start()
      }
    },
  ],
  [
    'it is stopped and started again three times',
    async () => {
      for (const share of [0.1, 0.35, 0.6]) {
        await doneIs(share)
        await server.stop()
        await server.start()
      }
    },
  ],
  [
    'all of its connections are ended thirty times',
    async () => {
      for (let round = 0; round < 30; round++) {
        await doneIs((round * 0.8) / 30)
        await server.admin(`select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()`)
      }
    },
  ],
]

describe(`${hires} hires under way on a database`, () => {
  it.each(accidents)(
    'when %s: each ends done, once',
    async (_what, accident) => {
      server = await startPostgres()
      const database = { url: server.url, drop: async () => {} }
      world = await openWorld({ service: false, database, hibob: { readLagSeconds: 0 } })
      world.sandbox.faults.add({ system: 'hibob', every: 1, effect: { delayMs: 40 } })
      service = await startServiceProcess(world.env)

      const bodies = Array.from({ length: hires }, (_, index) => newHire(`person-${index}`))
      const sending = sendAll(bodies)
      await accident()
      await sending
      const runs = await settled(hires)
      expect(runs.filter(({ state }) => state !== 'done')).toEqual([])
      expect(runs).toHaveLength(hires)
      expectExactly(world, hires)
      await expectNothingLeft()
      await expectWakesUp()
    },
    180_000,
  )
})

function newHire(person: string): string {
  const { id, job } = world.sandbox.pinpoint.addApplication({ email: `${person}@example.com` })
  return hireEvent(id, job.id)
}

/** By the employees made so far, which the outside world can tell while the database is away. */
async function doneIs(share: number): Promise<void> {
  await until(
    `${share} of the employees`,
    () => world.sandbox.ledger().counts.employees >= share * hires,
    120,
  )
}

/** As Pinpoint does: again until it is acknowledged. */
async function sendAll(bodies: readonly string[]): Promise<void> {
  const left = [...bodies]
  const sendNext = async () => {
    for (let body = left.shift(); body !== undefined; body = left.shift()) {
      const event = body
      await until('the event to be acknowledged', async () => {
        const response = await world.send(event, { url: service.url })
        await response.arrayBuffer()
        expect([200, 503]).toContain(response.status)
        return response.status === 200
      })
    }
  }
  await Promise.all(Array.from({ length: 20 }, sendNext))
}

/** The test's own pool has lost its connections as well: its first statements may fail. */
async function settled(count: number) {
  await until('the database to answer the test', () =>
    world.store.runs.listRuns({ limit: 1 }).then(
      () => true,
      () => false,
    ),
  )
  return world.settled(count, 120)
}

/** A job ends with its run, in one transaction; whatever is active now would be handed out again. */
async function expectNothingLeft(): Promise<void> {
  await expect
    .poll(() => server.admin(`select count(*) as count from pgboss.job where state < 'completed'`))
    .toEqual([{ count: 0 }])
}

/** It listens again: its connection is there, and a notification through it starts a hire. */
async function expectWakesUp(): Promise<void> {
  await expect
    .poll(() =>
      server.admin(`select count(*) as count from pg_stat_activity
        where application_name = 'pinpoint-webhooks listener' and query ilike 'listen %'`),
    )
    .toEqual([{ count: 1 }])
  const response = await world.send(newHire('afterwards'), { url: service.url })
  expect(response.status).toBe(200)
  await settled(hires + 1)
  expectExactly(world, hires + 1)
}
