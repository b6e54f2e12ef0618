/** How often hires ask the database when many are worked on at once: what a process can do hangs on that. */
import { AsyncLocalStorage } from 'node:async_hooks'

import type pg from 'pg'
import { afterEach, describe, expect, it } from 'vitest'

import { replacing } from '../../sandbox/crash-kit/replacing.ts'
import { hireEvent } from '../../sandbox/index.ts'
import type { DecoratePort, Ports } from '../../src/app/decorate-ports.ts'
import { type Service, startService } from '../../src/app/service.ts'
import { silentLog } from '../../src/observe/log.ts'
import { expectExactly } from '../support/oracle.ts'
import { openWorld, type World } from '../support/world.ts'

/** As many as the largest batch takes. */
const hires = 200

let world: World
let service: Service
afterEach(async () => {
  await service.close()
  await world.close()
})

describe(`${hires} hires in step`, () => {
  // Alone a hire asks some dozen times. 29 is exact: whoever adds a statement to the path decides here that it is worth it.
  it('ask the database 29 times together, from the webhook to the end of the run', async () => {
    // Some of the slots are kept for other connections.
    world = await openWorld({ service: false, env: { WORKER_CONCURRENCY: String(hires * 2) } })
    const { roundTrips, decorate } = inStep(hires)
    service = await startService(world.config, silentLog, { decorate })
    await Promise.all(Array.from({ length: hires }, (_, index) => hire(`person-${index}@example.com`)))
    await world.settled(hires, 240)
    expectExactly(world, hires)
    const counts = [...roundTrips()].sort(([, one], [, other]) => other - one)
    const lines = counts.map(([text, count]) => `${String(count).padStart(6)} ${text}`)
    const total = counts.reduce((sum, [, count]) => sum + count, 0)
    expect(total, lines.join('\n')).toBeLessThanOrEqual(29)
  }, 300_000)
})

/** On a busy machine the answer may come too late, which changes nothing: what is stored is worked on. */
async function hire(email: string): Promise<void> {
  const { id, job } = world.sandbox.pinpoint.addApplication({ email })
  await world.send(hireEvent(id, job.id), { url: service.url })
}

type Counts = Map<string, number>

/**
 * At each call of a store whose statements are shared, a hire waits until all hires are at one, so how many share a statement
 * depends on the code and not on how busy the machine is. Counted are the statements that these calls and the runs cause. Not
 * counted are those of timers, and those of the limits, which share by the moments at which the destination answers.
 */
function inStep(count: number): { readonly roundTrips: () => Counts; readonly decorate: DecoratePort } {
  const counter = createCounter()
  const deliveries = barrier(count)
  const runs = barrier(count)
  const together = async <T>(run: string, call: () => Promise<T>): Promise<T> => {
    await runs.arrive(run)
    return counter.counted(call)
  }
  const wrappers: { readonly [Name in keyof Ports]?: (port: Ports[Name]) => Ports[Name] } = {
    database: ({ pool, ...database }) => ({ ...database, pool: countingPool(pool, counter.count) }),
    events: (events) => ({
      async record(delivery) {
        await deliveries.arrive(delivery)
        return counter.counted(() => events.record(delivery))
      },
    }),
    // A poll that finds nothing is a timer's.
    inbox: (inbox) => ({
      dispatch: () =>
        counter.counted(
          () => inbox.dispatch(),
          ({ events }) => events.length > 0,
        ),
    }),
    queue: (queue) =>
      replacing(queue, {
        fetch: (...given: Parameters<typeof queue.fetch>) =>
          counter.counted(
            () => queue.fetch(...given),
            (jobs) => jobs.length > 0,
          ),
      }),
    runs: (store) => ({
      ...store,
      claim: (job, worker) => together(job.run, () => store.claim(job, worker)),
      async settle(lease, job, settlement) {
        const settled = await together(lease.run, () => store.settle(lease, job, settlement))
        runs.leave()
        return settled
      },
    }),
    perform: (perform) => (run) => counter.counted(() => perform(run)),
    journal: (journal) => ({
      write: (lease, step) => together(lease.run, () => journal.write(lease, step)),
    }),
    ledger: (ledger) => ({
      ...ledger,
      hold: (lease, effect) => together(lease.run, () => ledger.hold(lease, effect)),
      attempt: (lease, effect) => together(lease.run, () => ledger.attempt(lease, effect)),
      done: (lease, effect, made) => together(lease.run, () => ledger.done(lease, effect, made)),
    }),
    limits: (limits) => ({ swap: (key, change) => counter.uncounted(() => limits.swap(key, change)) }),
  }
  return { roundTrips: counter.roundTrips, decorate: (name, port) => wrappers[name]?.(port) ?? port }
}

/** Lets all go on at once as soon as everybody who has not left is waiting. */
function barrier(size: number) {
  let expected = size
  const waiting = new Map<unknown, (() => void)[]>()
  const letGoOn = () => {
    if (waiting.size < expected) return
    const all = [...waiting.values()].flat()
    waiting.clear()
    for (const goOn of all) goOn()
  }
  return {
    arrive: (who: unknown) =>
      new Promise<void>((resolve) => {
        waiting.set(who, [...(waiting.get(who) ?? []), resolve])
        letGoOn()
      }),
    leave() {
      expected--
      letGoOn()
    },
  }
}

function createCounter() {
  const current = new AsyncLocalStorage<Counts>()
  const all: Counts[] = []
  return {
    count: (text: string) => {
      const counts = current.getStore()
      counts?.set(text, (counts.get(text) ?? 0) + 1)
    },
    async counted<T>(call: () => Promise<T>, matters: (result: T) => boolean = () => true): Promise<T> {
      const counts: Counts = new Map()
      const result = await current.run(counts, call)
      if (matters(result)) all.push(counts)
      return result
    },
    uncounted: <T>(call: () => T): T => current.exit(call),
    roundTrips: () => {
      const sums: Counts = new Map()
      for (const [text, times] of all.flatMap((counts) => [...counts]))
        sums.set(text, (sums.get(text) ?? 0) + times)
      return sums
    },
  }
}

/** Tells of what goes over the wire in the context of whoever asks, which the pool's own `query` may lose. */
function countingPool(pool: pg.Pool, count: (text: string) => void): pg.Pool {
  const connect = async () => countingClient(await pool.connect(), count)
  return replacing(pool, {
    connect,
    async query(statement: pg.QueryConfig) {
      const client = await connect()
      try {
        return await client.query(statement)
      } finally {
        client.release()
      }
    },
  })
}

function countingClient(client: pg.PoolClient, count: (text: string) => void): pg.PoolClient {
  let underWay = 0
  return replacing(client, {
    async query(statement: pg.QueryConfig) {
      // Those that leave before the last one was answered travel with it.
      if (underWay++ === 0) count(statement.text.trim().replaceAll(/\s+/g, ' ').slice(0, 100))
      try {
        return await client.query(statement)
      } finally {
        underWay--
      }
    },
  })
}
